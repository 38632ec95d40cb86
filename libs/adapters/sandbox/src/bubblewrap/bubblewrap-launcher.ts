import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Writable, Readable } from 'node:stream';
import { UnavailableError, type SandboxLimits } from '@teko/domain';
import type { Cgroup } from '../cgroup';
import { DiskWatch } from '../disk-watch';
import { SANDBOX_ENV } from '../environment';
import { FILE_PROGRAM } from '../files/file-program';
import type { CommandSpec, Launcher, LimitProbe, RunningCommand } from '../launcher';
import { ProcessWatch } from '../process-watch';
import { killGroup, killProcess, processesWithText, startProcess, waitForEnd } from '../processes';
import { removeFolder } from '../remove-folder';
import { run } from '../run';
import { seccompFilter } from '../seccomp/filter';
import { commandArguments, fileProgramArguments, folderArguments, isolation, quoted, WORKSPACE } from './arguments';
import { systemFiles } from './system-files';
import { privilegedStaging, unprivilegedStaging, type Staging } from './staging';

/** Processes of the session's user outside its commands, with which RLIMIT_NPROC counts. */
const OWN_PROCESSES = 32;
/** A user's other processes count too if the sandbox has no user id of its own. */
const SHARED_USER_PROCESSES = 4_000;
const STATUS_FD = 4;
const FILTER_FD = 5;

const ARGUMENTS_FD = 3;

/** Joins the control groups and opens the seccomp filter, then runs the rest. `$1` is the filter or empty, the groups end with `--`. */
const ENTER = `umask 022
[ -z "$1" ] || exec ${FILTER_FD}<"$1"
shift
while [ "$1" != -- ]; do echo 0 >"$1" || exit 96; shift; done
shift
exec "$@"`;

/**
 * Waits for a line with more arguments and runs its own arguments with them. The shell is ready, in its control group and its mount
 * namespace, before there is a command: getting there is slow. It reads byte by byte, so the line holds only what is not known before.
 */
const WAIT_FOR_COMMAND = `nl='
'
IFS= read -r line <&${ARGUMENTS_FD} || exit 97
exec ${ARGUMENTS_FD}<&-
eval "exec \"\$@\" $line"`;

interface Options {
  workspace: string;
  limits: SandboxLimits;
  /** User id for bwrap if this process is root, else null. */
  uid: number | null;
  cgroup: Cgroup | null;
}

/** Runs each command in a bwrap of its own, whose exit code is the command's. */
export class BubblewrapLauncher implements Launcher {
  readonly cwd = WORKSPACE;
  readonly probes: LimitProbe[];
  private readonly readable = new Set<string>();
  private next: ChildProcess | null = null;
  private closed = false;

  private constructor(
    private readonly options: Options,
    /** Host folder of the session: its temporary folder, and the seccomp filter. */
    private readonly folder: string,
    private readonly staging: Staging,
    private readonly filter: string | null,
  ) {
    const { workspace, limits, cgroup } = options;
    this.probes = [cgroup ?? new ProcessWatch(limits), new DiskWatch([workspace, join(folder, 'tmp')], limits)];
    this.next = this.prepare();
  }

  static async create(options: Options): Promise<BubblewrapLauncher> {
    const { workspace, uid } = options;
    await removeLeftovers(workspace);
    const folder = await mkdtemp(`${workspace}${MARKER}${process.pid}-`);
    try {
      const tmp = join(folder, 'tmp');
      await mkdir(join(tmp, 'home'), { recursive: true });
      const owned = uid === null ? Promise.resolve('') : run('chown', ['-R', '-h', `${uid}:${uid}`, workspace, tmp]);
      const program = seccompFilter(process.arch, { measuresMemory: options.cgroup !== null });
      const filter = program && join(folder, 'filter');
      const folders = { workspace, tmp, etc: await systemFiles() };
      const [staging] = await Promise.all([
        uid === null ? unprivilegedStaging(folders) : privilegedStaging(folders, uid),
        owned,
        filter ? writeFile(filter, program) : null,
      ]);
      return new BubblewrapLauncher(options, folder, staging, filter);
    } catch (error) {
      await options.cgroup?.remove();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async start({ argv, cwd, env, mounts }: CommandSpec): Promise<RunningCommand> {
    await this.makeReadable(Object.values(mounts));
    if (this.closed) throw new UnavailableError('sandbox', 'the sandbox is closed');
    const rest = commandArguments({ cwd, env, mounts: this.staging.mountsOf(mounts), argv });
    const child = this.waiting(mounts);
    (child.stdio[ARGUMENTS_FD] as Writable).end(`${rest.map(quoted).join(' ')}\n`);
    this.next ??= this.prepare();
    return new BubblewrapCommand(child);
  }

  startFileProgram(): { child: ChildProcess; kill(): void } {
    const program = [process.execPath, '--max-old-space-size=256', '-e', FILE_PROGRAM];
    const bwrap = this.bwrap([...fileProgramArguments(this.staging.workspace), '--', ...program]);
    const child = this.shell(['sh'], { line: this.staging.enter({}, bwrap), argumentsPipe: 'ignore' });
    const command = new BubblewrapCommand(child);
    return { child, kill: () => command.kill() };
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.next) killGroup(this.next);
    // A bwrap that was killed while it started can leave its first process behind.
    for (const pid of processesWithText(this.folder)) killProcess(pid);
    await this.options.cgroup?.remove();
    this.staging.close();
    await removeFolder(this.folder);
  }

  /** Returns a shell that waits for a command. One that is ready before has no mounts. */
  private waiting(mounts: Record<string, string>): ChildProcess {
    if (Object.keys(mounts).length > 0) return this.prepare(mounts);
    const ready = this.next && isRunning(this.next) ? this.next : this.prepare();
    this.next = null;
    return ready;
  }

  /** Starts the shell for a command, with its limits. */
  private prepare(mounts: Record<string, string> = {}): ChildProcess {
    const { limits, uid, cgroup } = this.options;
    const processes = limits.processes + (uid === null ? SHARED_USER_PROCESSES : OWN_PROCESSES);
    const prlimit = ['prlimit', '--core=0', `--fsize=${limits.diskBytes}`, `--nproc=${processes}`, '--', 'sh'];
    const bwrap = this.bwrap(folderArguments(this.staging));
    const wait = ['sh', '-c', WAIT_FOR_COMMAND, this.folder, ...bwrap];
    const line = this.staging.enter(mounts, wait);
    const child = this.shell(prlimit, { line, joinFiles: cgroup?.joinFiles, argumentsPipe: 'pipe' });
    child.stdio[ARGUMENTS_FD]!.on('error', () => undefined);
    return child;
  }

  private shell(
    [command = '', ...args]: string[],
    options: { line: string[]; joinFiles?: string[]; argumentsPipe: 'pipe' | 'ignore' },
  ): ChildProcess {
    const { line, joinFiles = [], argumentsPipe } = options;
    return startProcess(command, [...args, '-c', ENTER, this.folder, this.filter ?? '', ...joinFiles, '--', ...line], {
      env: { PATH: SANDBOX_ENV.PATH },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe', argumentsPipe, 'pipe'],
    });
  }

  private bwrap(folders: string[]): string[] {
    return [
      'bwrap',
      ...['--json-status-fd', String(STATUS_FD)],
      ...(this.filter ? ['--seccomp', String(FILTER_FD)] : []),
      ...isolation(this.staging),
      ...folders,
    ];
  }

  /** The unprivileged user must be able to read what is mounted. */
  private async makeReadable(folders: string[]): Promise<void> {
    if (this.options.uid === null) return;
    for (const folder of folders) {
      if (this.readable.has(folder)) continue;
      await run('chmod', ['-R', 'a+rX', '--', folder]);
      this.readable.add(folder);
    }
  }
}

/** A bwrap and, through its status descriptor, the first process of its namespace and whether the command was started. */
class BubblewrapCommand implements RunningCommand {
  private status = '';

  constructor(readonly child: ChildProcess) {
    const stream = child.stdio[STATUS_FD] as Readable;
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => {
      if (this.status.length < 10_000) this.status += chunk.toString();
    });
  }

  kill(): void {
    killGroup(this.child);
    if (this.firstProcess !== null && isRunning(this.child)) killProcess(this.firstProcess);
  }

  async clean(): Promise<void> {
    if (this.firstProcess !== null) await waitForEnd(this.firstProcess);
  }

  failure(stderr: string) {
    if (/"exit-code": *\d+/.test(this.status)) return null;
    const message = stderr.trim().split('\n').at(-1) ?? '';
    const found = /^bwrap: (execvp|Can't chdir to) (.*)$/.exec(message);
    return found ? { reason: 'not_found' as const, message: found[2]! } : { reason: 'sandbox' as const, message };
  }

  private get firstProcess(): number | null {
    const pid = /"child-pid": *(\d+)/.exec(this.status)?.[1];
    return pid === undefined ? null : Number(pid);
  }
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

const MARKER = '.tmp-';

/** Deletes temporary folders of this workspace whose process has ended. */
async function removeLeftovers(workspace: string): Promise<void> {
  const prefix = `${basename(workspace)}${MARKER}`;
  for (const name of await readdir(dirname(workspace)).catch(() => [])) {
    const pid = name.startsWith(prefix) ? /^\d+(?=-)/.exec(name.slice(prefix.length))?.[0] : undefined;
    if (pid && !existsSync(`/proc/${pid}`)) await removeFolder(join(dirname(workspace), name));
  }
}
