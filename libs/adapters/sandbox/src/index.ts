export { createSandbox } from './create-sandbox';
export { DEFAULT_SANDBOX_LIMITS } from './limits';
