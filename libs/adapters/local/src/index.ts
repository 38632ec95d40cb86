export { createRepository, type CommitContent } from './create-repository';
export { LocalGitMirrors } from './mirrors';
export { LocalForge } from './forge';
