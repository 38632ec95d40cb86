export { startTeko, type RunningTeko } from './start';
