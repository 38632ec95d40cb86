import type { Sandbox } from '@teko/domain';
import { BubblewrapSandbox } from './bubblewrap';
import { DockerSandbox } from './docker';
import { UnsafeHostSandbox } from './unsafe-host';

/** The sandbox of the given kind; `auto` takes bubblewrap, else Docker. Running on the bare host has to be named. */
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
