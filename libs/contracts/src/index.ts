export * from './task';
export * from './run';
export * from './budget';
export * from './page';
export * from './webhook-event';
export * from './permissions';
export * from './events';
export * from './memory';
