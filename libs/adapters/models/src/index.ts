export { createLanguageModels, type ModelSettings } from './language-models';
export type { Transcript } from './replay';
