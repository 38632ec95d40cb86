import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { accessSync, constants, openSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnavailableError } from '@teko/domain';

/** Descriptors below this number are closed by Node.js itself when it starts a process. */
const CLOSED_BY_NODE = 16;
const CLOSE_ON_EXEC = 0o2000000;
const END_TIMEOUT_MS = 2_000;

/** Starts a process in a group of its own, without any descriptor of this process. Throws UnavailableError if that fails. */
export function startProcess(command: string, args: string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { detached: true, ...options, stdio: withoutInherited(options.stdio) });
  child.on('error', () => undefined);
  if (child.pid === undefined || !child.stdin || !child.stdout || !child.stderr)
    throw new UnavailableError('sandbox', `${command} cannot be started`);
  return child;
}

/** Kills a process and its group. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Waits until a killed process is gone, or only waits to be reaped by its parent. */
export async function waitForEnd(pid: number): Promise<void> {
  const deadline = performance.now() + END_TIMEOUT_MS;
  while (isAlive(pid) && performance.now() < deadline) await nextTurn();
}

/** Kills processes until none is left: one can start another while it is looked for, and writes until it has really ended. */
export async function endAll(find: () => number[]): Promise<void> {
  const deadline = performance.now() + END_TIMEOUT_MS;
  for (let pids = find(); pids.length > 0 && performance.now() < deadline; pids = find()) {
    for (const pid of pids) killProcess(pid);
    await nextTurn();
  }
}

function isAlive(pid: number): boolean {
  const fields = statOf(pid);
  return fields !== null && !/^[ZX]/.test(fields.state);
}

interface ProcessStat {
  state: string;
  parent: number;
}

function statOf(pid: number | string): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the command, in parentheses, can contain anything.
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

/** Returns the process ids of these processes and of all their descendants. */
export function processTree(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)]);
  }
  const tree = new Set(roots);
  for (const pid of tree) for (const child of children.get(pid) ?? []) tree.add(child);
  return [...tree];
}

/** Returns the process ids whose command line contains `text`. */
export function processesWithText(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readOrEmpty(`/proc/${name}/cmdline`).includes(text))
    .map(Number);
}

/** Returns the process ids whose environment was started with this variable. */
export function processesWithVariable(name: string, value: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) => readOrEmpty(`/proc/${entry}/environ`).split('\0').includes(`${name}=${value}`))
    .map(Number);
}

export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

export interface OpenFile {
  inode: string;
  bytes: number;
  isMemory: boolean;
}

/** Returns the files that a process holds open although no folder contains them: deleted files and memory files. */
export function unlinkedFiles(pid: number): OpenFile[] {
  const found: OpenFile[] = [];
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${fd}`;
      const target = readlinkSync(path);
      if (!target.endsWith(' (deleted)')) continue;
      const { dev, ino, blocks } = statSync(path);
      found.push({ inode: `${dev}:${ino}`, bytes: blocks * 512, isMemory: target.startsWith('/memfd:') });
    }
  } catch {
    // The process has ended.
  }
  return found;
}

/**
 * Returns whether a process keeps a deleted file where `unlinkedFiles` does not show its size: only mapped, as its program, in a
 * message to a socket, in a thread with descriptors of its own, or behind descriptors that this process may not read.
 */
export function hidesFiles(pid: number): boolean {
  const { folders, isReadable } = descriptorFolders(pid);
  if (!isReadable) return true;
  const isDeleted = (path: string) => path.endsWith(' (deleted)') && !path.startsWith('/memfd:');
  return (
    isDeleted(linkOrEmpty(`/proc/${pid}/exe`)) ||
    readOrEmpty(`/proc/${pid}/maps`)
      .split('\n')
      .some((line) => isDeleted(line.slice(line.indexOf('/')))) ||
    folders.some(
      (folder) =>
        hasFilesInMessages(folder) ||
        (folder !== folders[0] &&
          namesIn(folder).some((fd) => {
            const target = linkOrEmpty(`${folder}/${fd}`);
            return isDeleted(target) && linkOrEmpty(`${folders[0]}/${fd}`) !== target;
          })),
    )
  );
}

/** Returns whether messages that wait in sockets of this folder of descriptors contain files. */
export function hasFilesInMessages(folder = '/proc/self/fd'): boolean {
  return namesIn(folder).some(
    (fd) =>
      linkOrEmpty(`${folder}/${fd}`).startsWith('socket:') &&
      /^scm_fds: *[1-9]/m.test(readOrEmpty(`${folder.replace(/fd$/, 'fdinfo')}/${fd}`)),
  );
}

/** The folders of descriptors of a process and its threads, that of the process first. */
function descriptorFolders(pid: number): { folders: string[]; isReadable: boolean } {
  const threads = namesIn(`/proc/${pid}/task`).filter((thread) => thread !== String(pid));
  const folders = [`/proc/${pid}/fd`, ...threads.map((thread) => `/proc/${pid}/task/${thread}/fd`)];
  try {
    accessSync(folders[0]!, constants.R_OK);
    return { folders, isReadable: true };
  } catch (error) {
    return { folders: [], isReadable: (error as NodeJS.ErrnoException).code !== 'EACCES' };
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Replaces descriptors that this process has inherited and would pass on, by /dev/null. */
function withoutInherited(stdio: SpawnOptions['stdio']): SpawnOptions['stdio'] {
  const list = Array.isArray(stdio) ? [...stdio] : [];
  for (const fd of inheritedDescriptors()) {
    while (list.length <= fd) list.push('ignore');
    list[fd] = devNull();
  }
  return list;
}

let nullDescriptor: number | null = null;
const devNull = () => (nullDescriptor ??= openSync('/dev/null', 'r+'));

let inherited: number[] | null = null;

function inheritedDescriptors(): number[] {
  inherited ??= readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd >= CLOSED_BY_NODE)
    .filter((fd) => {
      const flags = /^flags:\s*(\d+)/m.exec(readOrEmpty(`/proc/self/fdinfo/${fd}`))?.[1];
      return flags !== undefined && (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
    });
  return inherited;
}
