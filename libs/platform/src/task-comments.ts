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

/** Something that Teko says on a task. */
export interface CommentDraft {
  body: string;
  /** Said once for each key. */
  key: string;
  runId: string | null;
  /** Where on the forge, if not on the task's own issue. */
  place?: { number: number; threadId: string | null };
}

/** Says things on tasks. What belongs on an issue or a pull request is stored to be said there too. */
@Injectable()
export class TaskComments {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Answers the stored comment where this was said before. */
  async post(task: Task, saying: CommentDraft): Promise<Comment> {
    const comment = await this.store(task, saying);
    await this.events.record({
      type: 'comment',
      subjectId: comment.id,
      repositoryId: task.repositoryId,
      taskId: task.id,
      runId: null,
    });
    return comment;
  }

  private async store(task: Task, { body, key, runId, place }: CommentDraft): Promise<Comment> {
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
    if (!place) return this.comments.insert(comment);
    try {
      return (await this.links.insertWithComment(comment, {
        id: this.ids.next(),
        commentId: comment.id,
        taskId: task.id,
        repositoryId: task.repositoryId,
        origin: 'teko',
        kind: place.threadId ? 'review_comment' : 'issue_comment',
        number: place.number,
        externalId: null,
        url: null,
        threadId: place.threadId,
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
