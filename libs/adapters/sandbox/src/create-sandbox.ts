import type { Sandbox } from '@teko/domain';
import { BubblewrapSandbox } from './bubblewrap/bubblewrap';
import { DockerSandbox } from './docker/docker';
import { UnsafeHostSandbox } from './unsafe-host';

/** Creates a sandbox. `auto` uses bubblewrap if it is available, otherwise Docker, and never the unsafe host. */
export async function createSandbox({
  kind,
  image,
}: {
  kind: 'auto' | Sandbox['kind'];
  image: string;
}): Promise<Sandbox> {
  const bubblewrap = new BubblewrapSandbox();
  const docker = new DockerSandbox(image);
  if (kind === 'unsafe-host') return new UnsafeHostSandbox();
  if (kind === 'docker') return docker;
  if (kind === 'bubblewrap' || (await bubblewrap.unavailableReason()) === null) return bubblewrap;
  return (await docker.unavailableReason()) === null ? docker : bubblewrap;
}
