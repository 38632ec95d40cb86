export * from './access-builders';
export * from './builders';
export * from './contracts';
export { inMemoryRepositories, type RepositorySet } from './in-memory';
