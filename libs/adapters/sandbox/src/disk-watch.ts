import { statfs } from 'node:fs/promises';
import type { ExceededLimit, SandboxLimits } from '@teko/domain';
import type { LimitProbe, RunningCommand } from './launcher';
import { hasFilesInMessages, hidesFiles, processTree, unlinkedFiles } from './processes';
import { run } from './run';

/** Measured at least this often, and never for more than a twentieth of the time. */
const MAX_INTERVAL_MS = 2_000;
const MAX_SHARE = 20;
const EXCEEDED_INTERVAL_MS = 250;
/** A change of the free space by this part of what is left of the limit causes a measurement. */
const SHARE_OF_REST = 0.25;

interface Usage {
  bytes: number;
  files: number;
}
const KINDS = ['bytes', 'files'] as const;
/** Differences that other processes of the host cause too. */
const SLACK: Usage = { bytes: 1024 * 1024, files: 100 };
const isMore = (usage: Usage, limit: Usage, kind: keyof Usage) => usage[kind] > limit[kind];

/**
 * Watches how much commands add to the folders of a session. The free space of the file system, which is cheap to read, tells when
 * to measure the folders. Once a limit is exceeded, commands can still delete files; one that adds more ends the session.
 */
export class DiskWatch implements LimitProbe {
  /** Why the session must end, or null. */
  fatal: string | null = null;
  private allowed: Usage | null = null;
  private last: (Usage & { free: Usage; at: number; tookMs: number }) | null = null;
  /** Free bytes of the file system and bytes that files show, when they last explained each other. */
  private explained: { free: number; shown: number } | null = null;
  /** Usage after the command that exceeded a limit first; null while none is exceeded. */
  private excess: Usage | null = null;
  /** Whether a limit was just exceeded, and the killed command may still write. */
  private unsettled = false;

  constructor(
    private readonly folders: string[],
    private readonly limits: SandboxLimits,
  ) {
    void this.measureStart().catch(() => undefined);
  }

  async check(running: readonly RunningCommand[], ended: boolean): Promise<ExceededLimit | null> {
    if (!this.allowed) return null;
    const free = await this.free();
    if (this.unsettled) return this.settle(free, running, ended);
    if (!this.isFast(free) && (ended || !this.isOld())) return null;
    await this.measure(free, running);
    return this.exceeded();
  }

  private async measureStart(): Promise<void> {
    const { bytes, files } = await this.measure(await this.free(), []);
    this.allowed = { bytes: bytes + this.limits.diskBytes, files: files + this.limits.files };
  }

  private async free(): Promise<Usage> {
    const { bfree, bsize, ffree } = await statfs(this.folders[0]!);
    return { bytes: bfree * bsize, files: ffree };
  }

  private isOld(): boolean {
    const interval = this.excess ? EXCEEDED_INTERVAL_MS : MAX_INTERVAL_MS;
    return performance.now() - this.last!.at > Math.max(interval, this.last!.tookMs * MAX_SHARE);
  }

  private isFast(free: Usage): boolean {
    const drops = (kind: keyof Usage) =>
      this.last!.free[kind] - free[kind] >
      Math.max(SLACK[kind], (this.allowed![kind] - this.last![kind]) * SHARE_OF_REST);
    return performance.now() - this.last!.at > this.last!.tookMs && (drops('bytes') || drops('files'));
  }

  private async measure(free: Usage, running: readonly RunningCommand[]): Promise<Usage> {
    const startedAt = performance.now();
    const [bytes, files] = await Promise.all([this.du('--block-size=1'), this.du('--inodes')]);
    const at = performance.now();
    const shown = bytes + deletedBytes(running);
    this.last = {
      bytes: shown + this.hiddenBytes(free.bytes, shown, running),
      files,
      free,
      at,
      tookMs: at - startedAt,
    };
    return this.last;
  }

  /** Bytes that the file system lost and no file shows, if they exceed the limit and commands keep files that cannot be measured. */
  private hiddenBytes(free: number, shown: number, running: readonly RunningCommand[]): number {
    const missing = this.explained ? this.explained.free - free - (shown - this.explained.shown) : 0;
    const exceeds = this.allowed !== null && shown + missing > this.allowed.bytes;
    // A message can also wait where this process sends input to a command.
    if (exceeds && missing > 0 && (hasFilesInMessages() || treeOf(running).some((pid) => hidesFiles(pid))))
      return missing;
    // Other processes of the host took or gave it.
    if (exceeds || missing < 0 || !this.explained) this.explained = { free, shown };
    return 0;
  }

  /** Takes what a killed command has left behind as what later commands may not exceed. */
  private async settle(free: Usage, running: readonly RunningCommand[], ended: boolean): Promise<null> {
    if (!ended) return null;
    const { bytes, files } = await this.measure(free, running);
    this.unsettled = false;
    this.excess = { bytes, files };
    return null;
  }

  private exceeded(): ExceededLimit | null {
    const { last, allowed, excess } = this;
    const limit = isMore(last!, allowed!, 'bytes') ? 'disk' : isMore(last!, allowed!, 'files') ? 'files' : null;
    if (limit === null) {
      this.excess = null;
      return null;
    }
    if (!excess) {
      this.unsettled = true;
      return limit;
    }
    for (const kind of KINDS) excess[kind] = Math.min(excess[kind], last![kind]);
    if (!KINDS.some((kind) => last![kind] > excess[kind] + SLACK[kind])) return null;
    this.fatal = `the ${limit} limit was exceeded again`;
    return limit;
  }

  /** Folders that a command changes meanwhile are counted as far as possible. */
  private async du(unit: string): Promise<number> {
    const measure = ['sh', '-c', 'du -s -x -c "$@" 2>/dev/null', 'du', unit, '--', ...this.folders];
    let output = await outputOf(measure);
    if (output.failed && process.getuid?.() !== 0) {
      // A folder that its owner closed would hide what it contains.
      await outputOf([
        'find',
        ...this.folders,
        '-xdev',
        '-type',
        'd',
        '!',
        '-perm',
        '-0500',
        '-exec',
        'chmod',
        'u+rx',
        '{}',
        ';',
      ]);
      output = await outputOf(measure);
    }
    return Number(/^(\d+)\ttotal$/m.exec(output.text)?.[1] ?? 0);
  }
}

async function outputOf([command = '', ...args]: string[]): Promise<{ text: string; failed: boolean }> {
  return run(command, args).then(
    (text) => ({ text, failed: false }),
    (error: { stdout?: string }) => ({ text: error.stdout ?? '', failed: true }),
  );
}

/** Bytes of deleted files that commands still hold open, which no folder shows. */
function deletedBytes(running: readonly RunningCommand[]): number {
  const files = new Map<string, number>();
  for (const pid of treeOf(running))
    for (const { inode, bytes, isMemory } of unlinkedFiles(pid)) if (!isMemory) files.set(inode, bytes);
  return [...files.values()].reduce((a, b) => a + b, 0);
}

const treeOf = (running: readonly RunningCommand[]) => processTree(running.flatMap(({ child }) => child.pid ?? []));
