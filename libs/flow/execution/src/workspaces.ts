import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  InvalidError,
  RejectedEntryError,
  selectFiles,
  UnavailableError,
  type GitMirrors,
  type LeftOutFile,
  type NewFile,
  type Run,
  type Sandbox,
  type SandboxLimits,
  type SandboxSession,
} from '@teko/domain';
import { bundleWorkTree, listWorkTree } from './result/work-tree';

const RESULT_REF = 'refs/heads/teko-result';
/** A session that only collects files can use more than the agent, which may have used all that it had. */
const COLLECTOR_DISK_FACTOR = 2;
const MAX_REJECTED_ENTRIES = 20;
const READY_MARKER = '.teko-ready';

/** Files of test runs that projects often forget to ignore. They are never part of a result. */
const IGNORED_FILES = [
  '__pycache__/',
  '*.pyc',
  '.pytest_cache/',
  '.phpunit.result.cache',
  '.phpunit.cache/',
  'node_modules/',
  '.venv/',
  'coverage/',
  '.nyc_output/',
];

/** Which new files belong to a result. */
export interface FileChoice {
  /** Paths that edit tools wrote to. */
  edited: string[];
  named: NewFile[];
  /** Whether files that must not be delivered are left out, instead of all of them being refused. */
  dropsRejected: boolean;
}

export interface ImportedFiles {
  commit: string | null;
  leftOut: LeftOutFile[];
}

/** Workspace folders and sandbox sessions of one run. */
export class Workspaces {
  private readonly folder: string;
  private readonly sessions = new Set<SandboxSession>();

  constructor(
    home: string,
    private readonly run: Run,
    private readonly mirrors: GitMirrors,
    private readonly sandbox: Sandbox,
    private readonly limits: SandboxLimits,
  ) {
    this.folder = join(home, 'workspaces', run.id);
  }

  /** Opens the workspace of the agent: checked out at `commit`, or as it was left by a suspension or crash. */
  async openForAgent(commit: string): Promise<SandboxSession> {
    const path = join(this.folder, 'agent');
    const ready = join(this.folder, READY_MARKER);
    if (!existsSync(ready)) {
      await this.sandbox.removeFolder(path);
      await this.checkout(commit, path);
      await mkdir(ready);
    }
    const session = await this.openSession(path);
    await session.exec(['bash', '-c', 'mkdir -p .git/info && cat > .git/info/exclude'], {
      stdin: IGNORED_FILES.join('\n'),
    });
    return session;
  }

  /** Runs `use` in a sandbox on a fresh checkout, which is deleted afterwards. */
  async withFreshCheckout<T>(name: string, commit: string, use: (session: SandboxSession) => Promise<T>): Promise<T> {
    const path = join(this.folder, name);
    await this.sandbox.removeFolder(path);
    await this.checkout(commit, path);
    const session = await this.openSession(path);
    try {
      return await use(session);
    } finally {
      await this.closeSession(session);
      await this.sandbox.removeFolder(path);
    }
  }

  /**
   * Imports the files of the agent as a checked commit on `start`, which the workspace was checked out at. `commit` is null if
   * nothing was changed. Throws InvalidError if the files must not be delivered; with `dropsRejected`, only those are left out.
   */
  async importFiles(session: SandboxSession, start: string, choice: FileChoice): Promise<ImportedFiles> {
    try {
      return await this.importFrom(session, start, choice);
    } catch (error) {
      if (!(error instanceof UnavailableError) || error.service !== 'sandbox') throw error;
      // The session of the agent can have ended or be full of its processes and files.
      const collector = await this.openSession(join(this.folder, 'agent'), {
        ...this.limits,
        diskBytes: this.limits.diskBytes * COLLECTOR_DISK_FACTOR,
      });
      try {
        return await this.importFrom(collector, start, choice);
      } finally {
        await this.closeSession(collector);
      }
    }
  }

  private async importFrom(
    session: SandboxSession,
    commit: string,
    { edited, named, dropsRejected }: FileChoice,
  ): Promise<ImportedFiles> {
    const { repositoryId } = this.run;
    const start = { commit, repository: await this.exported(commit) };
    const tracked = new Set((await this.mirrors.tree(repositoryId, commit)).map(({ path }) => path));
    const requested = [...edited, ...named.map(({ path }) => path)];
    const { tree, raw, realPaths } = await listWorkTree(session, start, requested);
    const realPath = (path: string) => realPaths.get(path) ?? path;
    const selected = selectFiles(tree, {
      ...{ edited: edited.map(realPath), tracked },
      named: named.map(({ path, reason }) => ({ path: realPath(path), reason })),
    });
    const rejected: LeftOutFile[] = [];
    for (;;) {
      const isKept = (path: string) =>
        !rejected.some((entry) => path === entry.path || path.startsWith(`${entry.path}/`));
      const [add, remove] = [selected.add.filter(isKept), selected.remove.filter(isKept)];
      const bundle = await bundleWorkTree(session, start, { add, remove }, raw);
      const leftOut = [...rejected, ...selected.leftOut];
      if (!bundle) return { commit: null, leftOut };
      try {
        const options = { runId: this.run.id, base: commit, ref: RESULT_REF };
        return { commit: (await this.mirrors.importBundle(repositoryId, bundle, options)).headCommit, leftOut };
      } catch (error) {
        const canDrop = dropsRejected && error instanceof RejectedEntryError && isKept(error.path);
        if (!canDrop || rejected.length === MAX_REJECTED_ENTRIES) throw error;
        rejected.push({ path: error.path, reason: 'rejected' });
      }
    }
  }

  /** Returns a repository with the commit, which sandboxes can read. */
  private async exported(commit: string): Promise<string> {
    const path = join(this.folder, `start-${commit}`);
    await mkdir(this.folder, { recursive: true });
    if (!existsSync(path)) await this.mirrors.exportCommits(this.run.repositoryId, [commit], path);
    return path;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.sessions].map((session) => this.closeSession(session)));
  }

  /** Closes all sessions and deletes the folder of the run. */
  async remove(): Promise<void> {
    await this.closeAll();
    await this.sandbox.removeFolder(this.folder);
  }

  private async checkout(commit: string, path: string): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    try {
      await this.mirrors.checkout(this.run.repositoryId, commit, path);
    } catch (error) {
      if (error instanceof InvalidError) throw error;
      throw new UnavailableError(
        'git',
        `commit ${commit.slice(0, 12)} cannot be checked out: ${(error as Error).message}`,
      );
    }
    await chmod(path, 0o755);
  }

  private async openSession(workspace: string, limits = this.limits): Promise<SandboxSession> {
    // A command can have closed the folder itself.
    await chmod(workspace, 0o755);
    const session = await this.sandbox.open({ runId: this.run.id, workspace, limits });
    this.sessions.add(session);
    return session;
  }

  private async closeSession(session: SandboxSession): Promise<void> {
    this.sessions.delete(session);
    await session.close();
  }
}
