import {
  UnavailableError,
  type CheckRun,
  type Diagnosis,
  type Forge,
  type ForgeConnection,
  type ForgePermission,
  type Issue,
  type ExternalUser,
  type ExternalRepository,
  type PullRequest,
  type PullRequestInput,
  type ExternalComment,
  type ExternalCommentRef,
  type Repository,
  type Tracker,
} from '@teko/domain';

let counter = 1000;
const nextId = () => String(++counter);

export function anAuthor(login = 'ada', overrides: Partial<ExternalUser> = {}): ExternalUser {
  return { id: `id-${login}`, login, isBot: false, ...overrides };
}

export function anIssue(overrides: Partial<Issue> = {}): Issue {
  return {
    number: 7,
    title: 'The answer is wrong',
    body: 'It has to be 42.',
    url: 'https://forge.test/octo/shop/issues/7',
    isOpen: true,
    isCompleted: false,
    author: anAuthor(),
    labels: [],
    assignees: [],
    isPullRequest: false,
    updatedAt: new Date(),
    ...overrides,
  };
}

export function anExternalComment(overrides: Partial<ExternalComment> = {}): ExternalComment {
  const now = new Date();
  const position = { verdict: null, threadId: null, path: null, line: null };
  const comment = { kind: 'issue_comment', id: nextId(), number: 7, author: anAuthor(), body: 'Hello' } as const;
  return { ...position, ...comment, url: 'https://forge.test/r', createdAt: now, updatedAt: now, ...overrides };
}

/** A forge with one repository in memory. Tests set its state and read the recorded actions. */
export class InMemoryForge implements Forge, Tracker, ForgeConnection {
  readonly kind = 'app';
  currentUser = anAuthor('teko-dev[bot]', { isBot: true });
  /** Permissions by login; all other users have none. */
  permissions: Record<string, ForgePermission> = { ada: 'write' };
  issues: Issue[] = [anIssue()];
  externalComments: ExternalComment[] = [];
  pullRequests: PullRequest[] = [];
  storedCheckRuns: CheckRun[] = [];
  externalRepositories: ExternalRepository[] = [];
  /** Repository ids by former name. */
  formerNames: Record<string, string> = {};
  branches: Record<string, string> = {};
  /** The user who added the label. */
  requester: ExternalUser | null = anAuthor();
  /** Actions in order, as `verb object`. */
  readonly actions: string[] = [];
  /** Makes the next change fail, before or after it is applied. */
  failNext: 'before' | 'after' | null = null;

  async pushBranch(_repository: Repository, branch: string, commit: string): Promise<void> {
    this.act(`push ${branch}`, () => (this.branches[branch] = commit));
  }

  async branchCommit(_repository: Repository, branch: string): Promise<string | null> {
    return this.branches[branch] ?? null;
  }

  async permissionOf(_repository: Repository, login: string): Promise<ForgePermission | null> {
    return this.permissions[login] ?? 'none';
  }

  async openPullRequest(_repository: Repository, draft: PullRequestInput): Promise<PullRequest | null> {
    const open = this.pullRequests.find(({ headBranch, isOpen }) => headBranch === draft.branch && isOpen);
    if (open) return open;
    const { title, branch: headBranch, baseBranch, isDraft } = draft;
    const number = 100 + this.pullRequests.length;
    const headCommit = this.branches[headBranch] ?? 'c'.repeat(40);
    const state = { isOpen: true, isMerged: false, isDraft, isMergeable: true, headRepository: 'octo/shop' };
    const url = `https://forge.test/octo/shop/pull/${number}`;
    const pullRequest: PullRequest = {
      number,
      title,
      url,
      headBranch,
      headCommit,
      baseBranch,
      ...state,
      updatedAt: new Date(),
    };
    this.act(`pull ${headBranch}`, () => this.pullRequests.push(pullRequest));
    return pullRequest;
  }

  async updatePullRequest(_repository: Repository, number: number, patch: { title?: string; isDraft?: false }) {
    const pullRequest = this.pullRequests.find((one) => one.number === number)!;
    Object.assign(pullRequest, patch);
  }

  async addLabelsAndReviewers(
    _repository: Repository,
    number: number,
    { labels, owners }: { labels: string[]; owners: string[] },
  ) {
    this.actions.push(`label ${number} ${[...labels, ...owners].join()}`);
  }

  async pullRequest(_repository: Repository, number: number): Promise<PullRequest | null> {
    return this.pullRequests.find((one) => one.number === number) ?? null;
  }

  async reviews(_repository: Repository, number: number): Promise<ExternalComment[]> {
    return this.externalComments.filter((one) => one.number === number && one.kind !== 'issue_comment');
  }

  async checkRuns(_repository: Repository, commit: string): Promise<CheckRun[]> {
    return this.storedCheckRuns.filter(({ headCommit }) => headCommit === commit);
  }

  async checkRunLog(_repository: Repository, { name }: CheckRun): Promise<string> {
    return `log of ${name}`;
  }

  async rerunCheck(_repository: Repository, { name }: CheckRun): Promise<boolean> {
    this.actions.push(`rerun ${name}`);
    return true;
  }

  async issue(_repository: Repository, number: number): Promise<Issue | null> {
    return this.issues.find((one) => one.number === number) ?? null;
  }

  async issuesSince(): Promise<Issue[]> {
    return this.issues;
  }

  async commentsSince(): Promise<ExternalComment[]> {
    return this.externalComments.filter(({ kind }) => kind === 'issue_comment');
  }

  async comments(_repository: Repository, number: number): Promise<ExternalComment[]> {
    return this.externalComments.filter((one) => one.number === number && one.kind === 'issue_comment');
  }

  async findRequester(): Promise<ExternalUser | null> {
    return this.requester;
  }

  async comment(
    _repository: Repository,
    number: number,
    body: string,
    threadId: string | null,
  ): Promise<ExternalComment> {
    const kind = threadId ? 'review_comment' : 'issue_comment';
    const externalComment = anExternalComment({ kind, number, body, threadId, author: this.currentUser });
    this.act(`comment ${number}`, () => this.externalComments.push(externalComment));
    return externalComment;
  }

  async editComment(_repository: Repository, ref: ExternalCommentRef, body: string): Promise<void> {
    const externalComment = this.externalComments.find((one) => ref.kind !== 'issue' && one.id === ref.id);
    if (externalComment) this.act('edit', () => (externalComment.body = body));
  }

  async deleteComment(_repository: Repository, ref: ExternalCommentRef): Promise<void> {
    this.act(
      'delete',
      () => (this.externalComments = this.externalComments.filter((one) => ref.kind === 'issue' || one.id !== ref.id)),
    );
  }

  async acknowledge(_repository: Repository, { kind, number }: ExternalCommentRef): Promise<void> {
    this.actions.push(`acknowledge ${kind} ${number}`);
  }

  async closeIssue(_repository: Repository, number: number): Promise<void> {
    const issue = this.issues.find((one) => one.number === number);
    this.act(`close ${number}`, () => issue && (issue.isOpen = false));
  }

  async self(): Promise<ExternalUser> {
    return this.currentUser;
  }

  async repositories() {
    return { data: this.externalRepositories, total: this.externalRepositories.length };
  }

  async repository(forgeName: string): Promise<ExternalRepository | null> {
    const forgeId = this.formerNames[forgeName];
    return this.externalRepositories.find((one) => one.forgeName === forgeName || one.forgeId === forgeId) ?? null;
  }

  async diagnose(): Promise<Diagnosis[]> {
    return [];
  }

  private act(what: string, work: () => unknown): void {
    const { failNext } = this;
    this.failNext = null;
    if (failNext === 'before') throw new UnavailableError('forge', 'it does not answer');
    work();
    this.actions.push(what);
    if (failNext === 'after') throw new UnavailableError('forge', 'the response was lost');
  }
}
