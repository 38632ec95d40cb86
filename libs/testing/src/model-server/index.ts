export { startModelServer, type ModelServer } from './model-server';
export type { Script, ScriptedRequest, ScriptedTurn } from './script';
