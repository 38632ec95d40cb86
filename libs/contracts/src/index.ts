export * from './task';
export * from './run';
export * from './page';
export * from './permissions';
export * from './events';
