export { AgentLoop } from './loop';
export { CheckpointSaver } from './saver';
export { TaskStore } from './task-store';
