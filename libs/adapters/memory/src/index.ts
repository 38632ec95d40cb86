export { createMemory } from './create-memory';
export type { ChromaEndpoint } from './vectors/chroma-vectors';
export { MemoryModule } from './memory.module';
