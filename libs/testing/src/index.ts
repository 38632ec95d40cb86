export * from './repositories';
export * from './model-server';
