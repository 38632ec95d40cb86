import { Flag, Text } from '../../http/fields';

/** Whether a key of the environment is set; its value is never shown. */
export class SettingDto {
  @Text('Name of the variable.', 'TEKO_MODEL') key: string;
  @Text('What it is for.', 'Model of all agents.') description: string;
  @Flag('A secret.', false) secret: boolean;
  @Flag('It is set.', true) set: boolean;
}

/** Token of what `settingsReport` of the platform answers: an array of SettingDto. Optional. */
export const SETTINGS_REPORT = Symbol('SETTINGS_REPORT');
