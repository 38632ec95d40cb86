export { AgentLoop } from './agent-loop';
export { CheckpointSaver } from './checkpoint-saver';
export { TaskStore } from './task-store';
