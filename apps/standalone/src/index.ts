export { startTeko } from './start';
