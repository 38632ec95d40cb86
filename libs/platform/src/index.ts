export * from './settings';
export * from './teko-settings';
export * from './events';
export * from './system';
export * from './redact';
