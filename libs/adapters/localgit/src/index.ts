export { LocalGitMirrors } from './mirrors';
export { LocalGitForge } from './forge';
