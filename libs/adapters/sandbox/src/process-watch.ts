import type { ExceededLimit, SandboxLimits } from '@teko/domain';
import type { LimitProbe, RunningCommand } from './launcher';
import { processTree, readOrEmpty, unlinkedFiles } from './processes';

/** A scan of all processes costs milliseconds, so it is done less often than other checks. */
const INTERVAL_MS = 150;
/** bwrap and the first process of its namespace. */
const OWN_PROCESSES = 2;

/** Measures memory and processes of commands from the outside, for hosts without writable control groups. */
export class ProcessWatch implements LimitProbe {
  private nextCheck = 0;

  constructor(private readonly limits: SandboxLimits) {}

  check(running: readonly RunningCommand[], ended: boolean): ExceededLimit | null {
    const now = performance.now();
    if (ended || now < this.nextCheck) return null;
    this.nextCheck = now + INTERVAL_MS;
    const pids = processTree(running.flatMap(({ child }) => child.pid ?? []));
    if (pids.length - OWN_PROCESSES * running.length > this.limits.processes) return 'processes';
    return memoryOf(pids) > this.limits.memoryBytes ? 'memory' : null;
  }
}

/** Private memory, and shared memory whether it is mapped, in memory files or both. */
function memoryOf(pids: number[]): number {
  let privateBytes = 0;
  let sharedBytes = 0;
  const files = new Map<string, number>();
  for (const pid of pids) {
    const status = readOrEmpty(`/proc/${pid}/status`);
    privateBytes += kilobytes(status, 'RssAnon') + kilobytes(status, 'VmSwap');
    sharedBytes += kilobytes(status, 'RssShmem');
    for (const { inode, bytes, isMemory } of unlinkedFiles(pid)) if (isMemory) files.set(inode, bytes);
  }
  return (
    privateBytes +
    Math.max(
      sharedBytes,
      [...files.values()].reduce((a, b) => a + b, 0),
    )
  );
}

function kilobytes(status: string, name: string): number {
  return 1024 * Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
}
