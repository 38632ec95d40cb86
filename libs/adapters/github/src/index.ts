export { GithubConnection } from './connection';
export { GithubForge } from './forge';
export { GithubModule, githubSettings } from './github.module';
export { GithubTracker } from './tracker';
export { GithubWebhookReader } from './webhook-reader';
export type { GithubSettings } from './settings';
