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
import { commandArguments, fileProgramArguments, isolation, quoted, WORKSPACE } from './arguments';
import { privilegedStaging, unprivilegedStaging, type Staging } from './staging';

/** Processes of the session's user outside its commands, with which RLIMIT_NPROC counts. */
const OWN_PROCESSES = 32;
/** A user's other processes count too if the sandbox has no user id of its own. */
const SHARED_USER_PROCESSES = 4_000;
const STATUS_FD = 4;
const FILTER_FD = 5;

/** Waits for one line and runs it. The shell is ready, in its control group, before there is a command: joining one is slow. */
const WAIT_FOR_COMMAND = `umask 022
for file do echo 0 >"$file" || exit 96; done
nl='
'
IFS= read -r line <&3 || exit 97
exec 3<&-
eval "exec $line"`;

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
  private readonly isolation = isolation();
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
      const [staging] = await Promise.all([
        uid === null ? unprivilegedStaging(workspace, tmp) : privilegedStaging(workspace, tmp, uid),
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
    const bwrap = this.bwrap(
      commandArguments({
        workspace: this.staging.workspace,
        tmp: this.staging.tmp,
        cwd,
        env,
        mounts: this.staging.mountsOf(mounts),
        argv,
      }),
    );
    const line = this.staging.enter(mounts, bwrap).map(quoted).join(' ') + this.filterRedirection();
    if (this.closed) throw new UnavailableError('sandbox', 'the sandbox is closed');
    const child = this.next && isRunning(this.next) ? this.next : this.prepare();
    this.next = this.prepare();
    (child.stdio[3] as Writable).end(`${line}\n`);
    return new BubblewrapCommand(child);
  }

  startFileProgram(): { child: ChildProcess; kill(): void } {
    const program = [process.execPath, '--max-old-space-size=256', '-e', FILE_PROGRAM];
    const bwrap = this.bwrap(fileProgramArguments(this.staging.workspace, program));
    const line = this.staging.enter({}, bwrap).map(quoted).join(' ') + this.filterRedirection();
    const child = startProcess('sh', ['-c', `umask 022\nnl='\n'\nexec ${line}`], {
      env: { PATH: SANDBOX_ENV.PATH },
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe', 'ignore', 'pipe'],
    });
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

  /** Starts the shell for the next command, with its limits. */
  private prepare(): ChildProcess {
    const { limits, uid, cgroup } = this.options;
    const processes = limits.processes + (uid === null ? SHARED_USER_PROCESSES : OWN_PROCESSES);
    const prlimit = ['--core=0', `--fsize=${limits.diskBytes}`, `--nproc=${processes}`, '--'];
    const child = startProcess(
      'prlimit',
      [...prlimit, 'sh', '-c', WAIT_FOR_COMMAND, this.folder, ...(cgroup?.joinFiles ?? [])],
      {
        env: { PATH: SANDBOX_ENV.PATH },
        cwd: '/',
        stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
      },
    );
    child.stdio[3]!.on('error', () => undefined);
    return child;
  }

  private bwrap(rest: string[]): string[] {
    return [
      'bwrap',
      ...['--json-status-fd', String(STATUS_FD)],
      ...(this.filter ? ['--seccomp', String(FILTER_FD)] : []),
      ...this.isolation,
      ...rest,
    ];
  }

  private filterRedirection(): string {
    return this.filter ? ` ${FILTER_FD}<${quoted(this.filter)}` : '';
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
