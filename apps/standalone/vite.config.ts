import { serverBuild } from '../../tools/server-build.ts';

export default serverBuild();
