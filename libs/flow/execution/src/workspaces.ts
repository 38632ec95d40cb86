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
const READY = '.teko-ready';

/** What test runs leave behind and projects often forget to ignore; never part of a result. */
const LEFTOVERS = [
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

/** Folders and sandboxes of one run. */
export class Workspaces {
  private readonly folder: string;
  private readonly open = new Set<SandboxSession>();

  constructor(
    home: string,
    private readonly run: Run,
    private readonly mirrors: GitMirrors,
    private readonly sandbox: Sandbox,
    private readonly limits: SandboxLimits,
  ) {
    this.folder = join(home, 'workspaces', run.id);
  }

  /** The agent's own workspace: made at `commit`, or as a crash left it. */
  async agent(commit: string): Promise<SandboxSession> {
    const path = join(this.folder, 'agent');
    const ready = join(this.folder, READY);
    if (!existsSync(ready)) {
      await rm(path, { recursive: true, force: true });
      await this.checkout(commit, path);
      await mkdir(ready);
    }
    const session = await this.session(path);
    await session.exec(['bash', '-c', 'mkdir -p .git/info && cat > .git/info/exclude'], {
      stdin: LEFTOVERS.join('\n'),
    });
    return session;
  }

  /** A sandbox on a fresh checkout, which is gone afterwards. */
  async fresh<T>(name: string, commit: string, use: (session: SandboxSession) => Promise<T>): Promise<T> {
    const path = join(this.folder, name);
    await rm(path, { recursive: true, force: true });
    await this.checkout(commit, path);
    const session = await this.session(path);
    try {
      return await use(session);
    } finally {
      await this.end(session);
      await rm(path, { recursive: true, force: true });
    }
  }

  /** Commits what the agent did, takes it out as a bundle and has it checked. Null when there is nothing. */
  async takeResult(session: SandboxSession, base: string, message: string): Promise<string | null> {
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
    await Promise.all([...this.open].map((session) => this.end(session)));
  }

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

  private async session(workspace: string): Promise<SandboxSession> {
    const session = await this.sandbox.open({ runId: this.run.id, workspace, limits: this.limits });
    this.open.add(session);
    return session;
  }

  private async end(session: SandboxSession): Promise<void> {
    this.open.delete(session);
    await session.close();
  }
}

/** Runs inside: hooks, signing and filters of the workspace cannot reach the host, and the host never runs git there. */
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
