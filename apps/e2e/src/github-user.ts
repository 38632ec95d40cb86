import type { Octokit } from 'octokit';
import { clientOf } from './github-emulator-backend';
import { split } from './github-git-sync';

export interface ReviewDraft {
  event: 'APPROVE' | 'REQUEST_CHANGES' | 'COMMENT';
  body?: string;
  comments?: { path: string; line: number; body: string }[];
}

export interface CheckRunDraft {
  name: string;
  status?: 'queued' | 'in_progress' | 'completed';
  conclusion?: 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out';
  summary?: string;
  text?: string;
  /** What it printed; with it the check is one of GitHub Actions. */
  log?: string;
}

/** Somebody who acts on GitHub for the test. What people do is neither recorded nor disturbed nor judged. */
export class GithubUser {
  /** GitHub's own client, signed in as this person. */
  readonly octokit: Octokit;

  constructor(
    readonly login: string,
    readonly token: string,
    private readonly origin: string,
    private readonly logs: Map<number, string>,
  ) {
    this.octokit = clientOf(origin, token);
  }

  /** Git URL of a repository with this person's credential in it. */
  gitUrl(repository: string): string {
    return `${this.origin.replace('//', `//${encodeURIComponent(this.login)}:${this.token}@`)}/${repository}.git`;
  }

  /** Answers its number. */
  async openIssue(
    repository: string,
    issue: { title: string; body?: string; labels?: string[]; assignees?: string[] },
  ) {
    return (await this.octokit.rest.issues.create({ ...named(repository), ...issue })).data.number;
  }

  async label(repository: string, number: number, ...labels: string[]): Promise<void> {
    await this.octokit.rest.issues.addLabels({ ...named(repository), issue_number: number, labels });
  }

  /** On an issue or a pull request; answers the comment's identifier. */
  async comment(repository: string, number: number, body: string): Promise<number> {
    const { data } = await this.octokit.rest.issues.createComment({ ...named(repository), issue_number: number, body });
    return data.id;
  }

  /** Answers the review's identifier. */
  async review(repository: string, number: number, { comments, ...draft }: ReviewDraft): Promise<number> {
    const placed = comments?.map((comment) => ({ ...comment, side: 'RIGHT' }));
    const review = { ...named(repository), pull_number: number, ...draft, ...(placed ? { comments: placed } : {}) };
    return (await this.octokit.rest.pulls.createReview(review)).data.id;
  }

  /** Answers in a thread of a review; `to` is its first comment. */
  async reply(repository: string, number: number, to: number, body: string): Promise<number> {
    const reply = { ...named(repository), pull_number: number, comment_id: to, body };
    return (await this.octokit.rest.pulls.createReplyForReviewComment(reply)).data.id;
  }

  /** Answers the commit that came of it. */
  async merge(repository: string, number: number, method: 'merge' | 'squash' = 'merge'): Promise<string> {
    const merge = { ...named(repository), pull_number: number, merge_method: method };
    return (await this.octokit.rest.pulls.merge(merge)).data.sha;
  }

  /** Reports a result of CI on a commit; answers the check's identifier. */
  async check(repository: string, commit: string, { summary, text, log, ...check }: CheckRunDraft): Promise<number> {
    const output = summary === undefined ? {} : { output: { title: check.name, summary, text } };
    const draft = { ...named(repository), head_sha: commit, ...check, ...output };
    const { data } = await this.octokit.rest.checks.create(draft as never);
    if (log !== undefined) this.logs.set(data.id, log);
    return data.id;
  }
}

function named(repository: string): { owner: string; repo: string } {
  const [owner, repo] = split(repository);
  return { owner, repo };
}
