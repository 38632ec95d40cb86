export { createLanguageModels } from './language-models';
export { redactedModels } from './redacted-models';
export type { ModelSettings } from './model-settings';
export type { Transcript } from './replay';
