import { join } from 'node:path';
import { ConflictError, InvalidError, type Forge, type Repository } from '@teko/domain';
import { git, tryGit } from './git';

const OWN_BRANCH = /^teko\/[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** Branches in the mirror itself, below `teko/`; nothing else there is ever moved. */
export class LocalGitForge implements Forge {
  constructor(private readonly home: string) {}

  async pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void> {
    if (!OWN_BRANCH.test(branch)) throw new InvalidError({ branch: `${branch} is not a branch that Teko may write` });
    const now = await this.branchCommit(repository, branch);
    if (now === commit) return;
    if (now !== expected)
      throw new ConflictError(`branch ${branch} is at ${now ?? 'no commit'}, not at ${expected ?? 'no commit'}`);
    await git([
      '--git-dir',
      this.dir(repository),
      'update-ref',
      `refs/heads/${branch}`,
      commit,
      expected ?? '0'.repeat(40),
    ]);
  }

  async branchCommit(repository: Repository, branch: string): Promise<string | null> {
    const result = await tryGit([
      '--git-dir',
      this.dir(repository),
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `refs/heads/${branch}^{commit}`,
    ]);
    return result.code === 0 ? result.stdout.toString().trim() : null;
  }

  /** Repositories on this host have no accounts of their own. */
  async rightOf(): Promise<null> {
    return null;
  }

  private dir(repository: Repository): string {
    return join(this.home, 'repositories', `${repository.id}.git`);
  }
}
