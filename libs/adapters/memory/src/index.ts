export { createMemory } from './create-memory';
export type { ChromaPlace } from './vectors/chroma-vectors';
export { MemoryModule } from './memory.module';
