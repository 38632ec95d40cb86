export { startModelServer, type ModelServer } from './model-server';
export type { EmbeddingsRequest } from './embeddings';
export type { Script, ScriptedRequest, ScriptedTurn } from './script';
