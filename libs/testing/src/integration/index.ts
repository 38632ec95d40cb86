export * from './in-memory-forge';
