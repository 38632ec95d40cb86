export { InMemoryMemory } from './in-memory-memory';
