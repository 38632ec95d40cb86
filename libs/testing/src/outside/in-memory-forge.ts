import {
  UnavailableError,
  type Check,
  type Diagnosis,
  type Forge,
  type ForgeConnection,
  type ForgeRight,
  type Issue,
  type OutsideAuthor,
  type OutsideRepository,
  type Pull,
  type PullDraft,
  type Remark,
  type RemarkRef,
  type Repository,
  type Tracker,
} from '@teko/domain';

let counter = 1000;
const nextId = () => String(++counter);

export function anAuthor(login = 'ada', overrides: Partial<OutsideAuthor> = {}): OutsideAuthor {
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
    isPull: false,
    updatedAt: new Date(),
    ...overrides,
  };
}

export function aRemark(overrides: Partial<Remark> = {}): Remark {
  const now = new Date();
  const place = { verdict: null, threadId: null, path: null, line: null };
  const said = { kind: 'issue_comment', id: nextId(), number: 7, author: anAuthor(), body: 'Hello' } as const;
  return { ...place, ...said, url: 'https://forge.test/r', createdAt: now, updatedAt: now, ...overrides };
}

/** A forge with one repository, kept in memory: tests set what is there and read what was done. */
export class InMemoryForge implements Forge, Tracker, ForgeConnection {
  readonly kind = 'app';
  me = anAuthor('teko-dev[bot]', { isBot: true });
  /** Login to right; whoever is not named has none. */
  rights: Record<string, ForgeRight> = { ada: 'write' };
  issues: Issue[] = [anIssue()];
  remarks: Remark[] = [];
  pulls: Pull[] = [];
  checkResults: Check[] = [];
  known: OutsideRepository[] = [];
  /** Names that repositories had before, with their identifiers. */
  renamed: Record<string, string> = {};
  branches: Record<string, string> = {};
  /** Whoever put the label on. */
  asker: OutsideAuthor | null = anAuthor();
  /** What was done, in order, as `verb what`. */
  readonly done: string[] = [];
  /** The next call that changes something fails: before it is done, or after. */
  failing: 'before' | 'after' | null = null;

  async pushBranch(_repository: Repository, branch: string, commit: string): Promise<void> {
    this.act(`push ${branch}`, () => (this.branches[branch] = commit));
  }

  async branchCommit(_repository: Repository, branch: string): Promise<string | null> {
    return this.branches[branch] ?? null;
  }

  async rightOf(_repository: Repository, login: string): Promise<ForgeRight | null> {
    return this.rights[login] ?? 'none';
  }

  async openPull(_repository: Repository, draft: PullDraft): Promise<Pull | null> {
    const open = this.pulls.find(({ headBranch, isOpen }) => headBranch === draft.branch && isOpen);
    if (open) return open;
    const { title, branch: headBranch, baseBranch, isDraft } = draft;
    const number = 100 + this.pulls.length;
    const headCommit = this.branches[headBranch] ?? 'c'.repeat(40);
    const state = { isOpen: true, isMerged: false, isDraft, isMergeable: true, headRepository: 'octo/shop' };
    const url = `https://forge.test/octo/shop/pull/${number}`;
    const pull: Pull = { number, title, url, headBranch, headCommit, baseBranch, ...state, updatedAt: new Date() };
    this.act(`pull ${headBranch}`, () => this.pulls.push(pull));
    return pull;
  }

  async updatePull(_repository: Repository, number: number, patch: { title?: string; isDraft?: false }) {
    const pull = this.pulls.find((one) => one.number === number)!;
    Object.assign(pull, patch);
  }

  async decoratePull(
    _repository: Repository,
    number: number,
    { labels, owners }: { labels: string[]; owners: string[] },
  ) {
    this.done.push(`decorate ${number} ${[...labels, ...owners].join()}`);
  }

  async pull(_repository: Repository, number: number): Promise<Pull | null> {
    return this.pulls.find((one) => one.number === number) ?? null;
  }

  async reviews(_repository: Repository, number: number): Promise<Remark[]> {
    return this.remarks.filter((one) => one.number === number && one.kind !== 'issue_comment');
  }

  async checks(_repository: Repository, commit: string): Promise<Check[]> {
    return this.checkResults.filter(({ headCommit }) => headCommit === commit);
  }

  async checkLog(_repository: Repository, { name }: Check): Promise<string> {
    return `log of ${name}`;
  }

  async repeatCheck(_repository: Repository, { name }: Check): Promise<boolean> {
    this.done.push(`repeat ${name}`);
    return true;
  }

  async issue(_repository: Repository, number: number): Promise<Issue | null> {
    return this.issues.find((one) => one.number === number) ?? null;
  }

  async issuesSince(): Promise<Issue[]> {
    return this.issues;
  }

  async commentsSince(): Promise<Remark[]> {
    return this.remarks.filter(({ kind }) => kind === 'issue_comment');
  }

  async comments(_repository: Repository, number: number): Promise<Remark[]> {
    return this.remarks.filter((one) => one.number === number && one.kind === 'issue_comment');
  }

  async askedBy(): Promise<OutsideAuthor | null> {
    return this.asker;
  }

  async comment(_repository: Repository, number: number, body: string, threadId: string | null): Promise<Remark> {
    const kind = threadId ? 'review_comment' : 'issue_comment';
    const remark = aRemark({ kind, number, body, threadId, author: this.me });
    this.act(`comment ${number}`, () => this.remarks.push(remark));
    return remark;
  }

  async editComment(_repository: Repository, ref: RemarkRef, body: string): Promise<void> {
    const remark = this.remarks.find((one) => ref.kind !== 'issue' && one.id === ref.id);
    if (remark) this.act('edit', () => (remark.body = body));
  }

  async deleteComment(_repository: Repository, ref: RemarkRef): Promise<void> {
    this.act('delete', () => (this.remarks = this.remarks.filter((one) => ref.kind === 'issue' || one.id !== ref.id)));
  }

  async acknowledge(_repository: Repository, { kind, number }: RemarkRef): Promise<void> {
    this.done.push(`acknowledge ${kind} ${number}`);
  }

  async closeIssue(_repository: Repository, number: number): Promise<void> {
    const issue = this.issues.find((one) => one.number === number);
    this.act(`close ${number}`, () => issue && (issue.isOpen = false));
  }

  async self(): Promise<OutsideAuthor> {
    return this.me;
  }

  async repositories() {
    return { data: this.known, total: this.known.length };
  }

  async repository(forgeName: string): Promise<OutsideRepository | null> {
    const forgeId = this.renamed[forgeName];
    return this.known.find((one) => one.forgeName === forgeName || one.forgeId === forgeId) ?? null;
  }

  async diagnose(): Promise<Diagnosis[]> {
    return [];
  }

  private act(what: string, work: () => unknown): void {
    const { failing } = this;
    this.failing = null;
    if (failing === 'before') throw new UnavailableError('forge', 'it does not answer');
    work();
    this.done.push(what);
    if (failing === 'after') throw new UnavailableError('forge', 'the answer was lost');
  }
}
