import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  InvalidError,
  UnavailableError,
  type GitMirrors,
  type Run,
  type Sandbox,
  type SandboxLimits,
  type SandboxSession,
} from '@teko/domain';

export const RESULT_BRANCH = 'teko-work';
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
      await rm(path, { recursive: true, force: true });
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
    await rm(path, { recursive: true, force: true });
    await this.checkout(commit, path);
    const session = await this.openSession(path);
    try {
      return await use(session);
    } finally {
      await this.closeSession(session);
      await rm(path, { recursive: true, force: true });
    }
  }

  /** Commits the changes of the agent and imports them as a checked bundle. Returns null if nothing was changed. */
  async importResult(session: SandboxSession, base: string, message: string): Promise<string | null> {
    const result = await session.exec(['bash', '-c', COMMIT, 'commit', base, RESULT_BRANCH], { stdin: message });
    if (result.code !== 0)
      throw new UnavailableError('sandbox', `the result cannot be committed: ${(result.head + result.tail).trim()}`);
    if (result.head.trim().endsWith('nothing')) return null;
    const bundle = await session.bundle(base, RESULT_BRANCH);
    const { headCommit } = await this.mirrors.importBundle(this.run.repositoryId, bundle, {
      runId: this.run.id,
      base,
      ref: `refs/heads/${RESULT_BRANCH}`,
    });
    return headCommit;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.sessions].map((session) => this.closeSession(session)));
  }

  /** Closes all sessions and deletes the folder of the run. */
  async remove(): Promise<void> {
    await this.closeAll();
    await rm(this.folder, { recursive: true, force: true });
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

  private async openSession(workspace: string): Promise<SandboxSession> {
    const session = await this.sandbox.open({ runId: this.run.id, workspace, limits: this.limits });
    this.sessions.add(session);
    return session;
  }

  private async closeSession(session: SandboxSession): Promise<void> {
    this.sessions.delete(session);
    await session.close();
  }
}

/** Runs in the sandbox: the host never runs git in a workspace, so its hooks and filters cannot affect the host. */
const COMMIT = `
set -e
base=$1; branch=$2
git() { command git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c commit.gpgsign=false -c user.name=Teko -c user.email=teko@localhost "$@"; }
git checkout -q -B "$branch"
git add -A
if ! git diff --no-ext-diff --cached --quiet; then
  git commit -q --no-verify -F - >/dev/null
fi
if git diff --no-ext-diff --quiet "$base" HEAD; then echo nothing; else git rev-parse HEAD; fi
`;
