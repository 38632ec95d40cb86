export { LocalGitMirrors } from './mirrors';
export { LocalForge } from './forge';
