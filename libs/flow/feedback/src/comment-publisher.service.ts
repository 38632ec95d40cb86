import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  CommentLinkRepository,
  CommentRepository,
  DomainError,
  Forge,
  ForgeConnection,
  FORGE_TIMEOUT_MS,
  MAX_POST_ATTEMPTS,
  Ids,
  RepositoryRepository,
  externalBody,
  TaskRepository,
  Tracker,
  UnavailableError,
  type Comment,
  type CommentLink,
  type ExternalComment,
  type Repository,
} from '@teko/domain';

const BATCH_SIZE = 50;
const MAX_BACKOFF_MS = 600_000;
/** The clocks of the forge and of this host may differ by this much. */
const MAX_CLOCK_SKEW_MS = 120_000;

/**
 * Publishes comments from Teko on the forge, once, and applies later edits and deletions there. If the response to a
 * request was lost, it waits until the request has timed out and searches for the comment before it posts again.
 */
@Injectable()
export class CommentPublisher {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(ForgeConnection) private readonly connection: ForgeConnection,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Publishes all new and changed comments that are due. */
  async publishDue(): Promise<void> {
    if (this.connection.kind === null) return;
    for (const comment of await this.links.findUnposted(BATCH_SIZE)) await this.createLink(comment);
    for (const link of await this.links.findDue(this.clock.now(), BATCH_SIZE)) await this.tryPublish(link);
  }

  /** Links a comment to the issue of its task, to be published there. Does nothing for a task without an issue. */
  private async createLink(comment: Comment): Promise<void> {
    const task = await this.tasks.findById(comment.taskId);
    if (!task?.issueNumber) return;
    const now = this.clock.now();
    await this.links.insert({
      id: this.ids.next(),
      commentId: comment.id,
      taskId: task.id,
      repositoryId: task.repositoryId,
      origin: 'teko',
      kind: 'issue_comment',
      number: task.issueNumber,
      ...{ externalId: null, url: null, threadId: null, path: null, line: null, isRequest: false },
      ...{ syncedAt: null, processedAt: null, attemptedAt: null, attempts: 0, dueAt: now, error: null, createdAt: now },
    });
  }

  private async tryPublish(link: CommentLink): Promise<void> {
    const now = this.clock.now();
    // Nobody retries before this time: by then the request has been processed or has timed out.
    const dueAt = new Date(now.getTime() + FORGE_TIMEOUT_MS);
    if (!(await this.links.claim(link.id, link.attemptedAt, { attemptedAt: now, dueAt }))) return;
    const [comment, repository] = await Promise.all([
      this.comments.findById(link.commentId),
      this.repositories.findById(link.repositoryId),
    ]);
    if (!comment || !repository) return;
    try {
      const published = await this.publish(repository, link, comment);
      await this.links.update(link.id, {
        ...published,
        syncedAt: comment.updatedAt,
        dueAt: now,
        attempts: 0,
        error: null,
      });
    } catch (error) {
      await this.fail(link, error as Error);
    }
  }

  private async publish(repository: Repository, link: CommentLink, comment: Comment): Promise<Partial<CommentLink>> {
    const { kind, number, externalId, threadId } = link;
    if (externalId && comment.deletedAt) {
      await this.tracker.deleteComment(repository, { kind, number, id: externalId });
      return {};
    }
    const body = externalBody(comment);
    if (externalId) {
      await this.tracker.editComment(repository, { kind, number, id: externalId }, body);
      return {};
    }
    const posted = link.attemptedAt ? await this.findPosted(repository, link, body) : null;
    if (!posted && comment.deletedAt) return {};
    const externalComment = posted ?? (await this.tracker.comment(repository, number, body, threadId));
    return { externalId: externalComment.id, kind: externalComment.kind, url: externalComment.url };
  }

  /** Finds a comment by Teko with this text that is not linked yet, or returns null. */
  private async findPosted(repository: Repository, link: CommentLink, body: string): Promise<ExternalComment | null> {
    const self = await this.connection.self();
    const all = link.threadId
      ? await this.forge.reviews(repository, link.number)
      : await this.tracker.comments(repository, link.number);
    const since = link.createdAt.getTime() - MAX_CLOCK_SKEW_MS;
    for (const externalComment of all) {
      const isSameText = externalComment.author.login === self.login && externalComment.body.trim() === body.trim();
      const isSamePlace = externalComment.threadId === link.threadId && externalComment.createdAt.getTime() >= since;
      if (
        isSameText &&
        isSamePlace &&
        !(await this.links.findByExternalComment(repository.id, externalComment.kind, externalComment.id))
      )
        return externalComment;
    }
    return null;
  }

  /** Schedules a retry after an outage. A refusal by the forge is final. */
  private async fail({ id, attempts }: CommentLink, error: Error): Promise<void> {
    if (error instanceof DomainError && !(error instanceof UnavailableError)) {
      await this.links.update(id, { error: error.message, attempts: MAX_POST_ATTEMPTS });
      return;
    }
    const wait = Math.min(FORGE_TIMEOUT_MS * 2 ** Math.min(attempts, 10), MAX_BACKOFF_MS);
    const dueAt = new Date(this.clock.now().getTime() + wait);
    await this.links.update(id, {
      error: error.message,
      dueAt,
      attempts: Math.min(attempts + 1, MAX_POST_ATTEMPTS - 1),
    });
  }
}
