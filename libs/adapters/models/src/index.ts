export { createLanguageModels } from './language-models';
export type { ModelSettings } from './model-settings';
export type { Transcript } from './replay';
