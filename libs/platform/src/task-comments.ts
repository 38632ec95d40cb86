import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  CommentLinkRepository,
  CommentRepository,
  ConflictError,
  Ids,
  type Comment,
  type Task,
} from '@teko/domain';
import { Events } from './events';

/** A comment that Teko posts on a task. */
export interface CommentDraft {
  body: string;
  /** Idempotency key: one comment is posted per key. */
  key: string;
  runId: string | null;
  /** Issue or pull request on the forge, and its review thread if any. Omitted for a comment that stays in Teko. */
  target?: { number: number; threadId: string | null };
}

/** Posts Teko's comments on tasks. A comment with a target is also queued for publication on the forge. */
@Injectable()
export class TaskComments {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Returns the stored comment if one with this key was already posted. */
  async post(task: Task, draft: CommentDraft): Promise<Comment> {
    const comment = await this.store(task, draft);
    await this.events.record({
      type: 'comment',
      subjectId: comment.id,
      repositoryId: task.repositoryId,
      taskId: task.id,
      runId: null,
    });
    return comment;
  }

  private async store(task: Task, { body, key, runId, target }: CommentDraft): Promise<Comment> {
    const now = this.clock.now();
    const comment: Comment = {
      id: this.ids.next(),
      taskId: task.id,
      runId,
      author: 'Teko',
      authorKind: 'teko',
      authorId: null,
      trusted: true,
      body,
      idempotencyKey: key,
      deletedAt: null,
      createdAt: now,
      updatedAt: now,
    };
    if (!target) return this.comments.insert(comment);
    try {
      return (await this.links.insertWithComment(comment, {
        id: this.ids.next(),
        commentId: comment.id,
        taskId: task.id,
        repositoryId: task.repositoryId,
        origin: 'teko',
        kind: target.threadId ? 'review_comment' : 'issue_comment',
        number: target.number,
        externalId: null,
        url: null,
        threadId: target.threadId,
        path: null,
        line: null,
        isRequest: false,
        syncedAt: null,
        processedAt: null,
        attemptedAt: null,
        attempts: 0,
        dueAt: now,
        error: null,
        createdAt: now,
      }))!;
    } catch (error) {
      if (error instanceof ConflictError) return this.comments.insert(comment);
      throw error;
    }
  }
}
