export * from './repositories';
export * from './model-server';
export * from './outside';
export * from './memory';
export { chromaProcesses, keepChroma } from './embedded-chroma';
export * from './large-repository';
export { RedisProcess } from './redis-process';
export { FULL, sampleOf, seededRandom, testDatabaseName } from './test-run';
export { NO_TEST_DATA, testData } from './test-data';
