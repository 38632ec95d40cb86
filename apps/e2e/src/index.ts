export { TekoProcess } from './teko-process';
