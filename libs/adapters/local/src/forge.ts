import { join } from 'node:path';
import { ConflictError, type CheckRun, type Forge, type ExternalComment, type Repository } from '@teko/domain';
import { shortError, tryGit } from './git';
import { requireOwnBranch } from './own-branch';

/** Forge without a server: writes Teko's branches to the mirror itself. Has no pull requests or user accounts. */
export class LocalForge implements Forge {
  constructor(private readonly home: string) {}

  async pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void> {
    requireOwnBranch(branch);
    const current = await this.branchCommit(repository, branch);
    if (current === commit) return;
    if (current !== expected)
      throw new ConflictError(`branch ${branch} is at ${current ?? 'no commit'}, not at ${expected ?? 'no commit'}`);
    const ref = ['update-ref', `refs/heads/${branch}`, commit, expected ?? '0'.repeat(40)];
    const updated = await tryGit(['--git-dir', this.dir(repository), ...ref]);
    if (updated.code !== 0)
      throw new ConflictError(`branch ${branch} cannot be updated: ${shortError(updated.stderr)}`);
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

  async permissionOf(): Promise<null> {
    return null;
  }

  async openPullRequest(): Promise<null> {
    return null;
  }

  async updatePullRequest(): Promise<void> {}

  async addLabelsAndReviewers(): Promise<void> {}

  async pullRequest(): Promise<null> {
    return null;
  }

  async reviews(): Promise<ExternalComment[]> {
    return [];
  }

  async checkRuns(): Promise<CheckRun[]> {
    return [];
  }

  async checkRunLog(): Promise<string> {
    return '';
  }

  async rerunCheck(): Promise<boolean> {
    return false;
  }

  private dir(repository: Repository): string {
    return join(this.home, 'repositories', `${repository.id}.git`);
  }
}
