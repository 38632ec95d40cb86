export { CODE_RULES } from './classify';
export { countLanguages } from './languages';
