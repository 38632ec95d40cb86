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
import { unless } from './failure';
import { authorOf, issueCommentOf, issueOf, reviewCommentOf } from './mapping';

const gone = unless(['not_found'], null);

/** Issues of GitHub, and the comments on them and on pull requests. */
export class GithubTracker implements Tracker {
  constructor(private readonly connection: GithubConnection) {}

  async issue(repository: Repository, number: number): Promise<Issue | null> {
    const { github, place } = await this.connection.at(repository);
    const found = await github.rest.issues.get({ ...place, issue_number: number }).catch(gone);
    return found && issueOf(found.data);
  }

  async issuesSince(repository: Repository, since: Date): Promise<Issue[]> {
    const { github, place } = await this.connection.at(repository);
    const found = await changedSince(
      since,
      (query) => github.rest.issues.listForRepo({ ...place, ...query, state: 'all' }),
      (issue) => issue.number,
    );
    return found.map(issueOf);
  }

  async commentsSince(repository: Repository, since: Date): Promise<ExternalComment[]> {
    const { github, place } = await this.connection.at(repository);
    const { issues, pulls } = github.rest;
    const [onIssues, inReviews] = await Promise.all([
      changedSince(
        since,
        (query) => issues.listCommentsForRepo({ ...place, ...query }),
        ({ id }) => id,
      ),
      changedSince(
        since,
        (query) => pulls.listReviewCommentsForRepo({ ...place, ...query }),
        ({ id }) => id,
      ),
    ]);
    const externalComments = [...onIssues.map(issueCommentOf), ...inReviews.map(reviewCommentOf)];
    return externalComments.sort((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime());
  }

  async comments(repository: Repository, number: number): Promise<ExternalComment[]> {
    const { github, place } = await this.connection.at(repository);
    const { issues, pulls } = github.rest;
    const query = { ...place, per_page: 100 };
    const [onIssue, inReviews] = await Promise.all([
      github.paginate(issues.listComments, { ...query, issue_number: number }),
      // An issue that is no pull request has none.
      github.paginate(pulls.listReviewComments, { ...query, pull_number: number }).catch(unless(['not_found'], [])),
    ]);
    const externalComments = [...onIssue.map(issueCommentOf), ...inReviews.map(reviewCommentOf)];
    return externalComments.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  async askedBy(
    repository: Repository,
    number: number,
    what: { label: string } | { assignee: string },
  ): Promise<ExternalUser | null> {
    const { github, place } = await this.connection.at(repository);
    const events: IssueEvent[] = await github
      .paginate(github.rest.issues.listEvents, { ...place, issue_number: number, per_page: 100 })
      .catch(unless(['not_found'], []));
    const last = events.findLast((event) => isThat(event, what));
    // `actor` of an assignment may be who it was given to.
    const asker = last?.assigner ?? last?.actor;
    return asker ? authorOf(asker) : null;
  }

  async comment(
    repository: Repository,
    number: number,
    body: string,
    threadId: string | null,
  ): Promise<ExternalComment> {
    const { github, place } = await this.connection.at(repository);
    const { issues, pulls } = github.rest;
    if (threadId === null)
      return issueCommentOf((await issues.createComment({ ...place, issue_number: number, body })).data);
    const reply = { ...place, pull_number: number, comment_id: Number(threadId), body };
    return reviewCommentOf((await pulls.createReplyForReviewComment(reply)).data);
  }

  async editComment(repository: Repository, externalComment: ExternalCommentRef, body: string): Promise<void> {
    const { github, place } = await this.connection.at(repository);
    const { issues, pulls } = github.rest;
    if (externalComment.kind === 'issue') await issues.update({ ...place, issue_number: externalComment.number, body });
    else if (externalComment.kind === 'issue_comment')
      await issues.updateComment({ ...place, comment_id: Number(externalComment.id), body });
    else if (externalComment.kind === 'review_comment')
      await pulls.updateReviewComment({ ...place, comment_id: Number(externalComment.id), body });
    else
      await pulls.updateReview({
        ...place,
        pull_number: externalComment.number,
        review_id: Number(externalComment.id),
        body,
      });
  }

  async deleteComment(repository: Repository, externalComment: ExternalCommentRef): Promise<void> {
    const { github, place } = await this.connection.at(repository);
    const { issues, pulls } = github.rest;
    if (externalComment.kind === 'issue_comment')
      await issues.deleteComment({ ...place, comment_id: Number(externalComment.id) }).catch(gone);
    else if (externalComment.kind === 'review_comment')
      await pulls.deleteReviewComment({ ...place, comment_id: Number(externalComment.id) }).catch(gone);
    else throw new InvalidError({ externalComment: `GitHub does not let anybody delete this ${externalComment.kind}` });
  }

  async acknowledge(repository: Repository, externalComment: ExternalCommentRef): Promise<void> {
    await this.react(repository, externalComment).catch(() => undefined);
  }

  async closeIssue(repository: Repository, number: number): Promise<void> {
    const { github, place } = await this.connection.at(repository);
    await github.rest.issues.update({ ...place, issue_number: number, state: 'closed', state_reason: 'completed' });
  }

  private async react(repository: Repository, externalComment: ExternalCommentRef): Promise<void> {
    const { github, place } = await this.connection.at(repository);
    const { reactions } = github.rest;
    const seen = { ...place, content: 'eyes' } as const;
    if (externalComment.kind === 'issue')
      await reactions.createForIssue({ ...seen, issue_number: externalComment.number });
    if (externalComment.kind === 'issue_comment')
      await reactions.createForIssueComment({ ...seen, comment_id: Number(externalComment.id) });
    if (externalComment.kind === 'review_comment')
      await reactions.createForPullRequestReviewComment({ ...seen, comment_id: Number(externalComment.id) });
  }
}

/** The parts of an issue's events that are looked at, whatever kind they are of. */
interface IssueEvent {
  event?: string;
  actor?: unknown;
  assigner?: unknown;
  label?: { name?: string | null };
  assignee?: { login?: string } | null;
}

function isThat(event: IssueEvent, what: { label: string } | { assignee: string }): boolean {
  const [kind, found, wanted] =
    'label' in what
      ? (['labeled', event.label?.name, what.label] as const)
      : (['assigned', event.assignee?.login, what.assignee] as const);
  return event.event === kind && found?.toLowerCase() === wanted.toLowerCase();
}
