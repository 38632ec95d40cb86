export * from './repositories';
export * from './model-server';
export * from './outside';
