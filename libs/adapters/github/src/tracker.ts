import {
  InvalidError,
  type Issue,
  type ExternalUser,
  type ExternalComment,
  type ExternalCommentRef,
  type Repository,
  type Tracker,
} from '@teko/domain';
import { changedSince } from './changed-since';
import type { GithubConnection } from './connection';
import { recoverFrom } from './errors';
import { authorOf, issueCommentOf, issueOf, reviewCommentOf } from './mapping';

const nullIfNotFound = recoverFrom(['not_found'], null);

/** Tracker on GitHub: issues, and the comments on issues and pull requests. */
export class GithubTracker implements Tracker {
  constructor(private readonly connection: GithubConnection) {}

  async issue(repository: Repository, number: number): Promise<Issue | null> {
    const { github, repo } = await this.connection.forRepository(repository);
    const found = await github.rest.issues.get({ ...repo, issue_number: number }).catch(nullIfNotFound);
    return found && issueOf(found.data);
  }

  async issuesSince(repository: Repository, since: Date): Promise<Issue[]> {
    const { github, repo } = await this.connection.forRepository(repository);
    const found = await changedSince(
      since,
      (query) => github.rest.issues.listForRepo({ ...repo, ...query, state: 'all' }),
      (issue) => issue.number,
    );
    return found.map(issueOf);
  }

  async commentsSince(repository: Repository, since: Date): Promise<ExternalComment[]> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { issues, pulls } = github.rest;
    const [onIssues, inReviews] = await Promise.all([
      changedSince(
        since,
        (query) => issues.listCommentsForRepo({ ...repo, ...query }),
        ({ id }) => id,
      ),
      changedSince(
        since,
        (query) => pulls.listReviewCommentsForRepo({ ...repo, ...query }),
        ({ id }) => id,
      ),
    ]);
    const externalComments = [...onIssues.map(issueCommentOf), ...inReviews.map(reviewCommentOf)];
    return externalComments.sort((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime());
  }

  async comments(repository: Repository, number: number): Promise<ExternalComment[]> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { issues, pulls } = github.rest;
    const query = { ...repo, per_page: 100 };
    const [onIssue, inReviews] = await Promise.all([
      github.paginate(issues.listComments, { ...query, issue_number: number }),
      // Only pull requests have review comments.
      github
        .paginate(pulls.listReviewComments, { ...query, pull_number: number })
        .catch(recoverFrom(['not_found'], [])),
    ]);
    const externalComments = [...onIssue.map(issueCommentOf), ...inReviews.map(reviewCommentOf)];
    return externalComments.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  async findRequester(
    repository: Repository,
    number: number,
    trigger: { label: string } | { assignee: string },
  ): Promise<ExternalUser | null> {
    const { github, repo } = await this.connection.forRepository(repository);
    const events: IssueEvent[] = await github
      .paginate(github.rest.issues.listEvents, { ...repo, issue_number: number, per_page: 100 })
      .catch(recoverFrom(['not_found'], []));
    const last = events.findLast((event) => matches(event, trigger));
    // The `actor` of an assignment can be the assignee.
    const requester = last?.assigner ?? last?.actor;
    return requester ? authorOf(requester) : null;
  }

  async comment(
    repository: Repository,
    number: number,
    body: string,
    threadId: string | null,
  ): Promise<ExternalComment> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { issues, pulls } = github.rest;
    if (threadId === null)
      return issueCommentOf((await issues.createComment({ ...repo, issue_number: number, body })).data);
    const reply = { ...repo, pull_number: number, comment_id: Number(threadId), body };
    return reviewCommentOf((await pulls.createReplyForReviewComment(reply)).data);
  }

  async editComment(repository: Repository, externalComment: ExternalCommentRef, body: string): Promise<void> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { issues, pulls } = github.rest;
    if (externalComment.kind === 'issue') await issues.update({ ...repo, issue_number: externalComment.number, body });
    else if (externalComment.kind === 'issue_comment')
      await issues.updateComment({ ...repo, comment_id: Number(externalComment.id), body });
    else if (externalComment.kind === 'review_comment')
      await pulls.updateReviewComment({ ...repo, comment_id: Number(externalComment.id), body });
    else
      await pulls.updateReview({
        ...repo,
        pull_number: externalComment.number,
        review_id: Number(externalComment.id),
        body,
      });
  }

  async deleteComment(repository: Repository, externalComment: ExternalCommentRef): Promise<void> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { issues, pulls } = github.rest;
    if (externalComment.kind === 'issue_comment')
      await issues.deleteComment({ ...repo, comment_id: Number(externalComment.id) }).catch(nullIfNotFound);
    else if (externalComment.kind === 'review_comment')
      await pulls.deleteReviewComment({ ...repo, comment_id: Number(externalComment.id) }).catch(nullIfNotFound);
    else
      throw new InvalidError({
        externalComment: `GitHub does not support deleting a comment of kind ${externalComment.kind}`,
      });
  }

  async acknowledge(repository: Repository, externalComment: ExternalCommentRef): Promise<void> {
    await this.react(repository, externalComment).catch(() => undefined);
  }

  async closeIssue(repository: Repository, number: number): Promise<void> {
    const { github, repo } = await this.connection.forRepository(repository);
    await github.rest.issues.update({ ...repo, issue_number: number, state: 'closed', state_reason: 'completed' });
  }

  private async react(repository: Repository, externalComment: ExternalCommentRef): Promise<void> {
    const { github, repo } = await this.connection.forRepository(repository);
    const { reactions } = github.rest;
    const reaction = { ...repo, content: 'eyes' } as const;
    if (externalComment.kind === 'issue')
      await reactions.createForIssue({ ...reaction, issue_number: externalComment.number });
    if (externalComment.kind === 'issue_comment')
      await reactions.createForIssueComment({ ...reaction, comment_id: Number(externalComment.id) });
    if (externalComment.kind === 'review_comment')
      await reactions.createForPullRequestReviewComment({ ...reaction, comment_id: Number(externalComment.id) });
  }
}

/** The common fields of all kinds of issue events. */
interface IssueEvent {
  event?: string;
  actor?: unknown;
  assigner?: unknown;
  label?: { name?: string | null };
  assignee?: { login?: string } | null;
}

function matches(event: IssueEvent, trigger: { label: string } | { assignee: string }): boolean {
  const [kind, actual, expected] =
    'label' in trigger
      ? (['labeled', event.label?.name, trigger.label] as const)
      : (['assigned', event.assignee?.login, trigger.assignee] as const);
  return event.event === kind && actual?.toLowerCase() === expected.toLowerCase();
}
