import {
  DomainError,
  InvalidError,
  UnavailableError,
  type CheckRun,
  type Forge,
  type ForgePermission,
  type GitMirrors,
  type PullRequest,
  type PullRequestDraft,
  type ExternalComment,
  type Repository,
} from '@teko/domain';
import { checksOf, logOf, repeat } from './check-runs';
import { REPEATABLE } from './repeatable';
import type { GithubConnection } from './connection';
import { unless } from './failure';
import { pullRequestOf, reviewCommentOf, reviewOf } from './mapping';
import { markReady } from './ready-for-review';

const RIGHTS: Record<string, ForgePermission> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  push: 'write',
  triage: 'read',
  read: 'read',
  pullRequest: 'read',
  none: 'none',
};

/** Branches by git, pull requests, reviews and checks by GitHub's API. */
export class GithubForge implements Forge {
  constructor(
    private readonly connection: GithubConnection,
    private readonly mirrors: GitMirrors,
  ) {}

  pushBranch(repository: Repository, branch: string, commit: string, expected: string | null): Promise<void> {
    return this.mirrors.push(repository, branch, commit, expected);
  }

  branchCommit(repository: Repository, branch: string): Promise<string | null> {
    return this.mirrors.upstreamCommit(repository, branch);
  }

  async permissionOf(repository: Repository, login: string): Promise<ForgePermission> {
    const { github, place } = await this.connection.at(repository);
    const found = await github.rest.repos
      .getCollaboratorPermissionLevel({ ...place, username: login })
      .catch(unless(['not_found'], null));
    if (!found) return 'none';
    const { permission, role_name } = found.data;
    return RIGHTS[permission] ?? RIGHTS[role_name] ?? 'none';
  }

  async openPullRequest(repository: Repository, draft: PullRequestDraft): Promise<PullRequest> {
    const open = await this.openPullRequestOf(repository, draft);
    if (open) return open;
    try {
      return await this.createPullRequest(repository, draft);
    } catch (error) {
      // Somebody was first, or it was opened and the answer was lost.
      const found = mayBeThere(error) && (await this.openPullRequestOf(repository, draft).catch(() => null));
      if (found) return found;
      throw error;
    }
  }

  async updatePullRequest(
    repository: Repository,
    number: number,
    patch: { title?: string; body?: string; isDraft?: false },
  ): Promise<void> {
    const { github, place } = await this.connection.at(repository);
    const { isDraft, ...text } = patch;
    const pullRequest = { ...place, pull_number: number };
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
    const { github, place } = await this.connection.at(repository);
    const refused = unless(['forbidden', 'not_found', 'invalid'], null);
    if (more.labels.length > 0)
      await github.rest.issues
        .addLabels({ ...place, issue_number: number, labels: more.labels, ...REPEATABLE })
        .catch(refused);
    if (more.owners.length === 0) return;
    const { data } = await github.rest.pulls.get({ ...place, pull_number: number });
    const owners = reviewersIn(more.owners, data.user?.login ?? '');
    const ask = (some: { login: string; isTeam: boolean }[]) =>
      github.rest.pulls.requestReviewers({
        ...place,
        pull_number: number,
        reviewers: some.filter(({ isTeam }) => !isTeam).map(({ login }) => login),
        team_reviewers: some.filter(({ isTeam }) => isTeam).map(({ login }) => login),
        ...REPEATABLE,
      });
    if (owners.length === 0) return;
    // GitHub refuses all of them for one that it does not know.
    if (await ask(owners).catch(refused)) return;
    for (const owner of owners.length > 1 ? owners : []) await ask([owner]).catch(refused);
  }

  async pullRequest(repository: Repository, number: number): Promise<PullRequest | null> {
    const { github, place } = await this.connection.at(repository);
    const found = await github.rest.pulls.get({ ...place, pull_number: number }).catch(unless(['not_found'], null));
    return found && pullRequestOf(found.data);
  }

  async reviews(repository: Repository, number: number): Promise<ExternalComment[]> {
    const { github, place } = await this.connection.at(repository);
    const query = { ...place, pull_number: number, per_page: 100 };
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
    return checksOf(await this.connection.at(repository), commit);
  }

  async checkRunLog(repository: Repository, check: CheckRun): Promise<string> {
    return logOf(await this.connection.at(repository), check);
  }

  async rerunCheck(repository: Repository, check: CheckRun): Promise<boolean> {
    return repeat(await this.connection.at(repository), check);
  }

  private async openPullRequestOf(
    repository: Repository,
    { branch, baseBranch }: PullRequestDraft,
  ): Promise<PullRequest | null> {
    const { github, place } = await this.connection.at(repository);
    const head = `${place.owner}:${branch}`;
    const { data } = await github.rest.pulls.list({ ...place, head, state: 'open', per_page: 100 });
    // Where GitHub does not understand the head it answers all pull requests.
    const own = data
      .filter(({ head }) => head.ref === branch && head.repo?.owner.login.toLowerCase() === place.owner.toLowerCase())
      .map(pullRequestOf);
    return own.find((pullRequest) => pullRequest.baseBranch === baseBranch) ?? own[0] ?? null;
  }

  private async createPullRequest(repository: Repository, draft: PullRequestDraft): Promise<PullRequest> {
    const { github, place } = await this.connection.at(repository);
    const { title, body, branch: head, baseBranch: base } = draft;
    const create = (isDraft: boolean) =>
      github.rest.pulls.create({ ...place, title, body, head, base, draft: isDraft });
    try {
      return pullRequestOf((await create(draft.isDraft)).data);
    } catch (error) {
      // Not every plan of GitHub has drafts.
      if (!draft.isDraft || !(error instanceof InvalidError && /draft pull requests/i.test(error.message))) throw error;
      return pullRequestOf((await create(false)).data);
    }
  }
}

const mayBeThere = (error: unknown) =>
  error instanceof UnavailableError || (error instanceof DomainError && error.code === 'invalid');

/** Owners as CODEOWNERS names them; mail addresses cannot be asked, and nobody reviews what is their own. */
function reviewersIn(owners: string[], author: string): { login: string; isTeam: boolean }[] {
  const named = owners.map((owner) => owner.replace(/^@/, '')).filter((owner) => owner !== '' && !owner.includes('@'));
  return [...new Set(named)]
    .filter((owner) => owner.toLowerCase() !== author.toLowerCase())
    .map((owner) => ({ login: owner.split('/').at(-1)!, isTeam: owner.includes('/') }));
}
