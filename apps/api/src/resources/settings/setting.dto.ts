import { Flag, Text } from '../../http/fields';

/** A setting from the environment. Its value is never shown. */
export class SettingDto {
  @Text('Name of the environment variable.', 'TEKO_MODEL') key: string;
  @Text('Description of the setting.', 'Model of all agents.') description: string;
  @Flag('Whether the value is a secret.', false) secret: boolean;
  @Flag('Whether the setting has a value.', true) set: boolean;
}

/** Injection token of the result of `settingsReport`: an array of SettingDto. Optional. */
export const SETTINGS_REPORT = Symbol('SETTINGS_REPORT');
