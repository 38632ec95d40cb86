import type { Octokit } from 'octokit';
import { clientOf } from './github-emulator-backend';
import { splitName } from './github-git-sync';

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
  /** The job log; makes it a check of GitHub Actions. */
  log?: string;
}

/** A user who acts on GitHub for the test. Requests of users are not recorded or validated, and no faults are injected into them. */
export class GithubUser {
  /** GitHub's own client, authenticated as this user. */
  readonly octokit: Octokit;

  constructor(
    readonly login: string,
    readonly token: string,
    private readonly origin: string,
    private readonly logs: Map<number, string>,
  ) {
    this.octokit = clientOf(origin, token);
  }

  /** Returns the git URL of a repository with this user's token. */
  gitUrl(repository: string): string {
    return `${this.origin.replace('//', `//${encodeURIComponent(this.login)}:${this.token}@`)}/${repository}.git`;
  }

  /** Opens an issue and returns its number. */
  async openIssue(
    repository: string,
    issue: { title: string; body?: string; labels?: string[]; assignees?: string[] },
  ) {
    return (await this.octokit.rest.issues.create({ ...ownerAndRepo(repository), ...issue })).data.number;
  }

  async label(repository: string, number: number, ...labels: string[]): Promise<void> {
    await this.octokit.rest.issues.addLabels({ ...ownerAndRepo(repository), issue_number: number, labels });
  }

  /** Comments on an issue or a pull request and returns the comment's id. */
  async comment(repository: string, number: number, body: string): Promise<number> {
    const { data } = await this.octokit.rest.issues.createComment({
      ...ownerAndRepo(repository),
      issue_number: number,
      body,
    });
    return data.id;
  }

  /** Submits a review and returns its id. */
  async review(repository: string, number: number, { comments, ...draft }: ReviewDraft): Promise<number> {
    const placed = comments?.map((comment) => ({ ...comment, side: 'RIGHT' }));
    const review = {
      ...ownerAndRepo(repository),
      pull_number: number,
      ...draft,
      ...(placed ? { comments: placed } : {}),
    };
    return (await this.octokit.rest.pulls.createReview(review)).data.id;
  }

  /** Replies in a review thread; `to` is the id of its first comment. Returns the id of the reply. */
  async reply(repository: string, number: number, to: number, body: string): Promise<number> {
    const reply = { ...ownerAndRepo(repository), pull_number: number, comment_id: to, body };
    return (await this.octokit.rest.pulls.createReplyForReviewComment(reply)).data.id;
  }

  /** Merges a pull request and returns the commit. */
  async merge(repository: string, number: number, method: 'merge' | 'squash' = 'merge'): Promise<string> {
    const merge = { ...ownerAndRepo(repository), pull_number: number, merge_method: method };
    return (await this.octokit.rest.pulls.merge(merge)).data.sha;
  }

  /** Creates a check run on a commit and returns its id. */
  async check(repository: string, commit: string, { summary, text, log, ...check }: CheckRunDraft): Promise<number> {
    const output = summary === undefined ? {} : { output: { title: check.name, summary, text } };
    const draft = { ...ownerAndRepo(repository), head_sha: commit, ...check, ...output };
    const { data } = await this.octokit.rest.checks.create(draft as never);
    if (log !== undefined) this.logs.set(data.id, log);
    return data.id;
  }
}

function ownerAndRepo(repository: string): { owner: string; repo: string } {
  const [owner, repo] = splitName(repository);
  return { owner, repo };
}
