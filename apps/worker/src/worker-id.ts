import { hostname } from 'node:os';
import { v4 } from 'uuid';

/** Lease owner of this process: host name, process id and a random suffix, because process ids are reused. */
export const WORKER_ID = `${hostname()}:${process.pid}:${v4().slice(0, 8)}`;

/** Returns the lease owners that were processes of this host and no longer run. */
export function deadOwnersOfThisHost(owners: string[]): string[] {
  return owners.filter((owner) => {
    const [host, pid] = owner.split(':');
    if (host !== hostname() || owner === WORKER_ID) return false;
    return Number(pid) === process.pid || !isAlive(Number(pid));
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
