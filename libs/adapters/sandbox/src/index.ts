export { BubblewrapSandbox } from './bubblewrap';
export { DEFAULT_SANDBOX_LIMITS } from './limits';
