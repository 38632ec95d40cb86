export { GithubConnection } from './connection';
export { GithubForge } from './forge';
export { GithubModule, githubSettings } from './github.module';
export { GithubTracker } from './tracker';
export { GithubWebhookParser } from './webhook-parser';
export type { GithubSettings } from './settings';
