import { serverBuild } from '../../tools/server-build/server-build.ts';

export default serverBuild();
