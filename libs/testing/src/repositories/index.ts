export * from './access-builders';
export * from './builders';
export * from './contracts';
export * from './integration-builders';
export { inMemoryRepositories, type RepositorySet } from './in-memory';
