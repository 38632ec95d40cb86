import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  CommentLinkRepository,
  CommentRepository,
  Ids,
  externalBody,
  Tracker,
  type Comment,
  type CommentLink,
  type ExternalComment,
  type Repository,
  type Task,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { ExternalUserAccess } from './external-user-access.service';

const MAX_BODY_LENGTH = 60_000;

/** An external comment and its copy in Teko. */
export interface SyncedComment {
  comment: Comment;
  link: CommentLink;
  isNew: boolean;
}

/**
 * Imports comments from the forge, with their author, edits and deletions. The stored links identify duplicates and the
 * comments that Teko posted itself.
 */
@Injectable()
export class CommentSync {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(ExternalUserAccess) private readonly userAccess: ExternalUserAccess,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /**
   * Stores a comment once and returns it, or null if Teko posted it. A comment with `processedAt` is not treated as an
   * instruction.
   */
  async importComment(
    repository: Repository,
    task: Task,
    externalComment: ExternalComment,
    { isRequest, processedAt = null }: { isRequest: boolean; processedAt?: Date | null },
  ): Promise<SyncedComment | null> {
    const known = await this.find(repository, externalComment);
    if (known) return known.link.origin === 'teko' ? null : { ...known, isNew: false };
    if (await this.isEcho(task, externalComment)) return null;
    const trusted = (await this.userAccess.denialReason(repository, externalComment.author)) === null;
    const { id: authorId } = await this.userAccess.actor(externalComment.author);
    const comment: Comment = {
      id: this.ids.next(),
      taskId: task.id,
      runId: null,
      author: externalComment.author.login,
      authorKind: 'user',
      authorId,
      trusted,
      body: textOf(externalComment),
      idempotencyKey: null,
      deletedAt: null,
      createdAt: externalComment.createdAt,
      updatedAt: externalComment.updatedAt,
    };
    const link = { ...this.linkOf(repository, comment, externalComment, isRequest && trusted), processedAt };
    const stored = await this.links.insertWithComment(comment, link);
    if (!stored) return this.importComment(repository, task, externalComment, { isRequest, processedAt });
    await this.recordEvent(task, comment.id);
    return { comment, link, isNew: true };
  }

  /** Returns false if the edit is outdated, changes nothing, or is on a comment that Teko posted. */
  async updateComment(repository: Repository, task: Task, externalComment: ExternalComment): Promise<boolean> {
    const known = await this.find(repository, externalComment);
    if (!known) return false;
    const { comment, link } = known;
    const body = textOf(externalComment);
    const isOutdated = link.syncedAt !== null && externalComment.updatedAt < link.syncedAt;
    if (comment.deletedAt || comment.body === body || isOutdated || link.origin === 'teko') return false;
    const trusted = (await this.userAccess.denialReason(repository, externalComment.author)) === null;
    await this.comments.update(comment.id, { body, trusted, updatedAt: externalComment.updatedAt });
    await this.links.update(link.id, { syncedAt: externalComment.updatedAt });
    await this.recordEvent(task, comment.id);
    return true;
  }

  /** Returns false if the comment is unknown or already deleted. */
  async deleteComment(
    repository: Repository,
    task: Task,
    externalComment: Pick<ExternalComment, 'kind' | 'id'>,
  ): Promise<boolean> {
    const known = await this.find(repository, externalComment);
    if (!known || known.comment.deletedAt) return false;
    const now = this.clock.now();
    await this.comments.update(known.comment.id, { body: '', deletedAt: now, updatedAt: now });
    await this.links.update(known.link.id, { syncedAt: now });
    await this.recordEvent(task, known.comment.id);
    return true;
  }

  /** Marks a comment as processed, so that a redelivery has no effect. */
  async markProcessed({ link }: SyncedComment): Promise<void> {
    await this.links.update(link.id, { processedAt: this.clock.now() });
  }

  /** Imports all comments of the task's issue. Those up to `until`, when the task was requested, are context and not instructions. */
  async importAll(repository: Repository, task: Task, until: Date | null): Promise<void> {
    const now = this.clock.now();
    for (const externalComment of await this.tracker.comments(repository, task.issueNumber!)) {
      const processedAt = until && externalComment.createdAt <= until ? now : null;
      await this.importComment(repository, task, externalComment, { isRequest: false, processedAt });
    }
  }

  private async find(repository: Repository, { kind, id }: Pick<ExternalComment, 'kind' | 'id'>) {
    const link = await this.links.findByExternalComment(repository.id, kind, id);
    const comment = link && (await this.comments.findById(link.commentId));
    return link && comment ? { link, comment } : null;
  }

  /**
   * Returns true if Teko posted this comment but has not stored its identifier yet: the webhook can arrive before the
   * response to the request. With a personal access token, other comments under the same login are by its owner.
   */
  private async isEcho(task: Task, externalComment: ExternalComment): Promise<boolean> {
    const self = await this.userAccess.self();
    if (externalComment.author.id !== self.id && externalComment.author.login !== self.login) return false;
    for (const link of await this.links.findByTask(task.id)) {
      if (link.origin !== 'teko' || link.externalId !== null || link.number !== externalComment.number) continue;
      const posted = await this.comments.findById(link.commentId);
      if (posted && externalBody(posted).trim() === externalComment.body.trim()) {
        const { id: externalId, kind, url, updatedAt: syncedAt } = externalComment;
        await this.links.update(link.id, { externalId, kind, url, syncedAt });
        return true;
      }
    }
    return self.isBot;
  }

  private linkOf(
    repository: Repository,
    comment: Comment,
    externalComment: ExternalComment,
    isRequest: boolean,
  ): CommentLink {
    const { kind, number, id: externalId, url, threadId, path, line } = externalComment;
    const now = this.clock.now();
    return {
      id: this.ids.next(),
      commentId: comment.id,
      taskId: comment.taskId,
      repositoryId: repository.id,
      origin: 'external',
      ...{ kind, number, externalId, url, threadId, path, line, isRequest },
      syncedAt: externalComment.updatedAt,
      processedAt: null,
      attemptedAt: null,
      attempts: 0,
      dueAt: now,
      error: null,
      createdAt: now,
    };
  }

  private recordEvent(task: Task, commentId: string): Promise<void> {
    return this.events.record({
      type: 'comment',
      subjectId: commentId,
      repositoryId: task.repositoryId,
      taskId: task.id,
      runId: null,
    });
  }
}

const VERDICTS = { approved: 'Approved.', changes_requested: 'Changes requested.', commented: '' };

function textOf({ body, verdict }: ExternalComment): string {
  return body.slice(0, MAX_BODY_LENGTH) || (verdict ? VERDICTS[verdict] : '');
}
