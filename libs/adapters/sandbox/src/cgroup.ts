import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExceededLimit, SandboxLimits } from '@teko/domain';
import type { LimitProbe } from './launcher';
import { killProcess, readOrEmpty } from './processes';

const PREFIX = 'teko-sandbox-';
/** Processes of the sandbox itself in the group: bwrap, its first process and the shell that starts the next command. */
const OWN_PROCESSES = 8;
const REMOVE_ATTEMPTS = 50;
const REMOVE_INTERVAL_MS = 10;

/** Where the groups of sessions can be created: one folder for version 2, or one per controller for version 1. */
export interface CgroupParents {
  version: 1 | 2;
  memory: string;
  pids: string;
}

type LimitFile = [
  controller: 'memory' | 'pids',
  file: string,
  value: (limits: SandboxLimits) => number,
  optional?: 'optional',
];

const LIMIT_FILES: Record<1 | 2, LimitFile[]> = {
  1: [
    ['memory', 'memory.limit_in_bytes', ({ memoryBytes }) => memoryBytes],
    ['memory', 'memory.memsw.limit_in_bytes', ({ memoryBytes }) => memoryBytes, 'optional'],
    ['pids', 'pids.max', ({ processes }) => processes + OWN_PROCESSES],
  ],
  2: [
    ['memory', 'memory.max', ({ memoryBytes }) => memoryBytes],
    ['memory', 'memory.swap.max', () => 0, 'optional'],
    ['pids', 'pids.max', ({ processes }) => processes + OWN_PROCESSES],
  ],
};
const OOM_FILE = { 1: 'memory.oom_control', 2: 'memory.events' };

/** A control group of one session: the kernel counts all memory of its commands, memory files and tmpfs included, and their processes. */
export class Cgroup implements LimitProbe {
  private oomKills = 0;
  private refusedForks = 0;

  private constructor(
    private readonly version: 1 | 2,
    private readonly folders: { memory: string; pids: string },
  ) {}

  /** Returns null if this process cannot create groups with both limits. */
  static create(limits: SandboxLimits, parents: CgroupParents | null = cgroupParents()): Cgroup | null {
    if (!parents) return null;
    const name = `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`;
    const folders = { memory: join(parents.memory, name), pids: join(parents.pids, name) };
    const cgroup = new Cgroup(parents.version, folders);
    try {
      for (const folder of cgroup.all) mkdirSync(folder);
      for (const [controller, file, value, optional] of LIMIT_FILES[parents.version]) {
        const path = join(folders[controller], file);
        if (!optional || existsSync(path)) writeFileSync(path, String(value(limits)));
      }
      return cgroup;
    } catch {
      cgroup.removeNow();
      return null;
    }
  }

  /** Files into which a process writes `0` to join the group. */
  get joinFiles(): string[] {
    return this.all.map((folder) => join(folder, 'cgroup.procs'));
  }

  check(): ExceededLimit | null {
    const oomKills = this.counter(this.folders.memory, OOM_FILE[this.version], 'oom_kill');
    const refusedForks = this.counter(this.folders.pids, 'pids.events', 'max');
    const limit = oomKills > this.oomKills ? 'memory' : refusedForks > this.refusedForks ? 'processes' : null;
    this.oomKills = oomKills;
    this.refusedForks = refusedForks;
    return limit;
  }

  /** Kills all processes of the group and removes it. A group that is still busy is removed by a later `sweepCgroups`. */
  async remove(): Promise<void> {
    for (let attempt = 0; attempt < REMOVE_ATTEMPTS; attempt++) {
      for (const file of this.joinFiles)
        for (const pid of readOrEmpty(file).split('\n').filter(Boolean)) killProcess(Number(pid));
      if (this.removeNow()) return;
      await sleep(REMOVE_INTERVAL_MS);
    }
  }

  private get all(): string[] {
    return [...new Set(Object.values(this.folders))];
  }

  private removeNow(): boolean {
    for (const folder of this.all) removeGroup(folder);
    return this.all.every((folder) => !existsSync(folder));
  }

  private counter(folder: string, file: string, name: string): number {
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(readOrEmpty(join(folder, file)))?.[1] ?? 0);
  }
}

function removeGroup(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It is busy, or gone.
  }
}

/** Removes empty groups that were left behind by processes that have ended. */
export function sweepCgroups(parents: CgroupParents | null = cgroupParents()): void {
  for (const parent of new Set(parents ? [parents.memory, parents.pids] : []))
    for (const name of readdirSync(parent)) {
      const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
      if (pid && !existsSync(`/proc/${pid}`)) removeGroup(join(parent, name));
    }
}

/** Finds the folders below the control group of this process, so that the limits of its own group hold for sandboxes too. */
export function cgroupParents(root = ''): CgroupParents | null {
  const own = readOrEmpty(`${root}/proc/self/cgroup`).split('\n');
  const mounts = readOrEmpty(`${root}/proc/self/mountinfo`).split('\n').map(parseMount);
  const folderOf = (isHierarchy: (controllers: string) => boolean, type: string, option: string | null) => {
    const line = own.map((text) => text.split(':')).find(([, controllers]) => isHierarchy(controllers ?? ''));
    const mount = mounts.find(
      (candidate) => candidate?.type === type && (option === null || candidate.options.includes(option)),
    );
    if (!line || !mount) return null;
    const path = line.slice(2).join(':');
    const below = path.startsWith(mount.root) ? path.slice(mount.root.length) : path === '/' ? '' : null;
    return below === null ? null : join(`${root}${mount.folder}`, below);
  };
  const v1 = (controller: string) =>
    folderOf((controllers) => controllers.split(',').includes(controller), 'cgroup', controller);
  const [memory, pids] = [v1('memory'), v1('pids')];
  if (memory && pids) return { version: 1, memory, pids };
  const unified = folderOf((controllers) => controllers === '', 'cgroup2', null);
  // A group that contains processes cannot hand controllers down, except the root; its parent can.
  const parent = unified && [unified, dirname(unified)].find(hasControllers);
  return parent ? { version: 2, memory: parent, pids: parent } : null;
}

function hasControllers(folder: string): boolean {
  const enabled = readOrEmpty(join(folder, 'cgroup.subtree_control')).trim().split(' ');
  return ['memory', 'pids'].every((controller) => enabled.includes(controller));
}

function parseMount(line: string): { root: string; folder: string; type: string; options: string[] } | null {
  const [before = '', after = ''] = line.split(' - ');
  const [, , , root, folder] = before.split(' ');
  const [type, , options = ''] = after.split(' ');
  return root && folder && type ? { root: root === '/' ? '' : root, folder, type, options: options.split(',') } : null;
}

/** Returns whether groups with limits can be created here. */
export function canCreateCgroups(limits: SandboxLimits): boolean {
  const cgroup = Cgroup.create(limits);
  void cgroup?.remove();
  return cgroup !== null;
}
