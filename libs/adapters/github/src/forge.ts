import {
  DomainError,
  InvalidError,
  UnavailableError,
  type CheckRun,
  type Forge,
  type ForgePermission,
  type GitMirrors,
  type PullRequest,
  type PullRequestInput,
  type ExternalComment,
  type Repository,
} from '@teko/domain';
import { fetchCheckRunLog, listCheckRuns, rerunCheckRun } from './check-runs';
import { IDEMPOTENT } from './idempotent';
import type { GithubConnection } from './connection';
import { recoverFrom } from './errors';
import { pullRequestOf, reviewCommentOf, reviewOf } from './mapping';
import { markReady } from './ready-for-review';

const PERMISSIONS: Record<string, ForgePermission> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  push: 'write',
  triage: 'read',
  read: 'read',
  pullRequest: 'read',
  none: 'none',
};

/** Forge on GitHub: branches through git, pull requests, reviews and check runs through the API. */
export class GithubForge implements Forge {
  constructor(
    private readonly connection: GithubConnection,
    private readonly mirrors: GitMirrors,
  ) {}

  pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void> {
    return this.mirrors.push(repository, branch, commit, expected);
  }

  branchCommit(repository: Repository, branch: string): Promise<string | null> {
    return this.mirrors.remoteCommit(repository, branch);
  }

  async permissionOf(repository: Repository, login: string): Promise<ForgePermission> {
    const { github, repo } = await this.connection.forRepository(repository);
    const found = await github.rest.repos
      .getCollaboratorPermissionLevel({ ...repo, username: login })
      .catch(recoverFrom(['not_found'], null));
    if (!found) return 'none';
    const { permission, role_name } = found.data;
    return PERMISSIONS[permission] ?? PERMISSIONS[role_name] ?? 'none';
  }

  async openPullRequest(repository: Repository, draft: PullRequestInput): Promise<PullRequest> {
    const open = await this.openPullRequestOf(repository, draft);
    if (open) return open;
    try {
      return await this.createPullRequest(repository, draft);
    } catch (error) {
      // It was opened concurrently, or the response to this request was lost.
      const found = canHaveSucceeded(error) && (await this.openPullRequestOf(repository, draft).catch(() => null));
      if (found) return found;
      throw error;
    }
  }

  async updatePullRequest(
    repository: Repository,
    number: number,
    patch: { title?: string; body?: string; isDraft?: false },
  ): Promise<void> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { isDraft, ...text } = patch;
    const pullRequest = { ...repo, pull_number: number };
    if (Object.keys(text).length > 0) await github.rest.pulls.update({ ...pullRequest, ...text });
    if (isDraft !== false) return;
    const { data } = await github.rest.pulls.get(pullRequest);
    if (data.draft) await markReady(github, data.node_id);
  }

  async addLabelsAndReviewers(
    repository: Repository,
    number: number,
    more: { labels: string[]; owners: string[] },
  ): Promise<void> {
    const { github, repo } = await this.connection.forRepository(repository);
    const ignoreRefusal = recoverFrom(['forbidden', 'not_found', 'invalid'], null);
    if (more.labels.length > 0)
      await github.rest.issues
        .addLabels({ ...repo, issue_number: number, labels: more.labels, ...IDEMPOTENT })
        .catch(ignoreRefusal);
    if (more.owners.length === 0) return;
    const { data } = await github.rest.pulls.get({ ...repo, pull_number: number });
    const owners = reviewersIn(more.owners, data.user?.login ?? '');
    const request = (some: { login: string; isTeam: boolean }[]) =>
      github.rest.pulls.requestReviewers({
        ...repo,
        pull_number: number,
        reviewers: some.filter(({ isTeam }) => !isTeam).map(({ login }) => login),
        team_reviewers: some.filter(({ isTeam }) => isTeam).map(({ login }) => login),
        ...IDEMPOTENT,
      });
    if (owners.length === 0) return;
    // GitHub rejects the whole request if it does not know one of them.
    if (await request(owners).catch(ignoreRefusal)) return;
    for (const owner of owners.length > 1 ? owners : []) await request([owner]).catch(ignoreRefusal);
  }

  async pullRequest(repository: Repository, number: number): Promise<PullRequest | null> {
    const { github, repo } = await this.connection.forRepository(repository);
    const found = await github.rest.pulls.get({ ...repo, pull_number: number }).catch(recoverFrom(['not_found'], null));
    return found && pullRequestOf(found.data);
  }

  async reviews(repository: Repository, number: number): Promise<ExternalComment[]> {
    const { github, repo } = await this.connection.forRepository(repository);
    const query = { ...repo, pull_number: number, per_page: 100 };
    const [reviews, comments] = await Promise.all([
      github.paginate(github.rest.pulls.listReviews, query),
      github.paginate(github.rest.pulls.listReviewComments, query),
    ]);
    const externalComments = [...reviews.map((review) => reviewOf(review, number)), ...comments.map(reviewCommentOf)];
    return externalComments
      .filter((externalComment) => externalComment !== null)
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  async checkRuns(repository: Repository, commit: string): Promise<CheckRun[]> {
    return listCheckRuns(await this.connection.forRepository(repository), commit);
  }

  async checkRunLog(repository: Repository, check: CheckRun): Promise<string> {
    return fetchCheckRunLog(await this.connection.forRepository(repository), check);
  }

  async rerunCheck(repository: Repository, check: CheckRun): Promise<boolean> {
    return rerunCheckRun(await this.connection.forRepository(repository), check);
  }

  private async openPullRequestOf(
    repository: Repository,
    { branch, baseBranch }: PullRequestInput,
  ): Promise<PullRequest | null> {
    const { github, repo } = await this.connection.forRepository(repository);
    const head = `${repo.owner}:${branch}`;
    const { data } = await github.rest.pulls.list({ ...repo, head, state: 'open', per_page: 100 });
    // GitHub returns all pull requests if it does not know the head.
    const own = data
      .filter(({ head }) => head.ref === branch && head.repo?.owner.login.toLowerCase() === repo.owner.toLowerCase())
      .map(pullRequestOf);
    return own.find((pullRequest) => pullRequest.baseBranch === baseBranch) ?? own[0] ?? null;
  }

  private async createPullRequest(repository: Repository, draft: PullRequestInput): Promise<PullRequest> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { title, body, branch: head, baseBranch: base } = draft;
    const create = (isDraft: boolean) => github.rest.pulls.create({ ...repo, title, body, head, base, draft: isDraft });
    try {
      return pullRequestOf((await create(draft.isDraft)).data);
    } catch (error) {
      // Not every GitHub plan supports drafts.
      if (!draft.isDraft || !(error instanceof InvalidError && /draft pull requests/i.test(error.message))) throw error;
      return pullRequestOf((await create(false)).data);
    }
  }
}

const canHaveSucceeded = (error: unknown) =>
  error instanceof UnavailableError || (error instanceof DomainError && error.code === 'invalid');

/** Parses owners from CODEOWNERS. Omits email addresses, which cannot be requested, and the author of the pull request. */
function reviewersIn(owners: string[], author: string): { login: string; isTeam: boolean }[] {
  const named = owners.map((owner) => owner.replace(/^@/, '')).filter((owner) => owner !== '' && !owner.includes('@'));
  return [...new Set(named)]
    .filter((owner) => owner.toLowerCase() !== author.toLowerCase())
    .map((owner) => ({ login: owner.split('/').at(-1)!, isTeam: owner.includes('/') }));
}
