import { createHash } from 'node:crypto';
import {
  UnavailableError,
  type Sandbox,
  type SandboxCheck,
  type SandboxLimits,
  type SandboxSession,
} from '@teko/domain';
import { Cgroup, sweepCgroups } from '../cgroup';
import { bubblewrapChecks } from '../checks';
import { run } from '../run';
import { HostSession } from '../session';
import { isolation } from './arguments';
import { BubblewrapLauncher } from './bubblewrap-launcher';
import { privilegedStaging, unprivilegedStaging } from './staging';
import { removeFolder } from '../remove-folder';

const FIRST_UID = 60_000;
const UIDS = 5_000;

/** Workspaces of open sessions by their user id, which limits the processes of one workspace only. */
const usedUids = new Map<number, string[]>();

/** Linux namespaces through bubblewrap: no network, a read-only system, separate processes and an unprivileged user. */
export class BubblewrapSandbox implements Sandbox {
  readonly kind = 'bubblewrap';

  constructor(private readonly createCgroup = (limits: SandboxLimits) => Cgroup.create(limits)) {}

  async unavailableReason(): Promise<string | null> {
    try {
      await run('bwrap', ['--version']);
    } catch {
      return 'bubblewrap is not installed. Install it (Debian, Ubuntu: apt-get install bubblewrap)';
    }
    try {
      // As a session does, with the program that reads files.
      const folders = { workspace: '/usr', tmp: '/usr', etc: '/etc' };
      const staging = isRoot() ? await privilegedStaging(folders, FIRST_UID) : unprivilegedStaging(folders);
      const program = [process.execPath, '--version'];
      const [command = '', ...args] = staging.enter({}, ['bwrap', ...isolation(staging), '--', ...program]);
      await run(command, args).finally(() => staging.close());
      return null;
    } catch (error) {
      const reason = (error as Error).message.trim().split('\n').at(-1);
      if (reason?.includes('Unknown option')) return `bubblewrap is too old (${reason}). Install version 0.8 or newer`;
      return `bubblewrap cannot create namespaces here (${reason}). Allow unprivileged user namespaces, or set TEKO_SANDBOX=docker`;
    }
  }

  readonly removeFolder = removeFolder;

  async checks(): Promise<SandboxCheck[]> {
    return bubblewrapChecks();
  }

  async open(options: {
    runId: string;
    workspace: string;
    limits: SandboxLimits;
    signal?: AbortSignal;
  }): Promise<SandboxSession> {
    const { workspace, limits, signal } = options;
    signal?.throwIfAborted();
    sweepOnce();
    const uid = isRoot() ? takeUid(workspace) : null;
    let launcher: BubblewrapLauncher;
    try {
      launcher = await BubblewrapLauncher.create({ workspace, limits, uid, cgroup: this.createCgroup(limits) });
    } catch (error) {
      returnUid(uid);
      throw new UnavailableError('sandbox', `the sandbox failed to start: ${(error as Error).message}`);
    }
    return new HostSession(launcher, limits, signal, () => returnUid(uid));
  }
}

let isSwept = false;

/** Removes what an earlier process left behind. */
function sweepOnce(): void {
  if (!isSwept) sweepCgroups();
  isSwept = true;
}

const isRoot = () => process.getuid?.() === 0;

/** Sessions of one workspace share a user id, because its files belong to one user. */
function takeUid(workspace: string): number {
  const start = createHash('sha256').update(workspace).digest().readUInt32BE();
  for (let i = 0; ; i++) {
    const uid = FIRST_UID + ((start + i) % UIDS);
    const users = usedUids.get(uid);
    if (users && users[0] !== workspace && i < UIDS) continue;
    usedUids.set(uid, [...(users ?? []), workspace]);
    return uid;
  }
}

function returnUid(uid: number | null): void {
  if (uid === null) return;
  const users = usedUids.get(uid)?.slice(1) ?? [];
  if (users.length > 0) usedUids.set(uid, users);
  else usedUids.delete(uid);
}
