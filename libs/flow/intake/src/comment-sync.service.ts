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

const MAX_LENGTH = 60_000;

/** A remark as it stands in Teko. */
export interface SyncedComment {
  comment: Comment;
  link: CommentLink;
  isNew: boolean;
}

/** Brings what is said on the forge into Teko: once, with its author, its edits and its end. The table of links tells echoes. */
@Injectable()
export class CommentSync {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(ExternalUserAccess) private readonly rights: ExternalUserAccess,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Null where Teko said it itself. */
  async take(
    repository: Repository,
    task: Task,
    externalComment: ExternalComment,
    { isRequest, processedAt = null }: { isRequest: boolean; processedAt?: Date | null },
  ): Promise<SyncedComment | null> {
    const known = await this.find(repository, externalComment);
    if (known) return known.link.origin === 'teko' ? null : { ...known, isNew: false };
    if (await this.isEcho(task, externalComment)) return null;
    const trusted = (await this.rights.refusal(repository, externalComment.author)) === null;
    const { id: authorId } = await this.rights.actor(externalComment.author);
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
    if (!stored) return this.take(repository, task, externalComment, { isRequest, processedAt });
    await this.announce(task, comment.id);
    return { comment, link, isNew: true };
  }

  /** An older state of it, and one that Teko has said, change nothing. */
  async edit(repository: Repository, task: Task, externalComment: ExternalComment): Promise<boolean> {
    const known = await this.find(repository, externalComment);
    if (!known) return false;
    const { comment, link } = known;
    const body = textOf(externalComment);
    const isOld = link.syncedAt !== null && externalComment.updatedAt < link.syncedAt;
    if (comment.deletedAt || comment.body === body || isOld || link.origin === 'teko') return false;
    const trusted = (await this.rights.refusal(repository, externalComment.author)) === null;
    await this.comments.update(comment.id, { body, trusted, updatedAt: externalComment.updatedAt });
    await this.links.update(link.id, { syncedAt: externalComment.updatedAt });
    await this.announce(task, comment.id);
    return true;
  }

  async remove(
    repository: Repository,
    task: Task,
    externalComment: Pick<ExternalComment, 'kind' | 'id'>,
  ): Promise<boolean> {
    const known = await this.find(repository, externalComment);
    if (!known || known.comment.deletedAt) return false;
    const now = this.clock.now();
    await this.comments.update(known.comment.id, { body: '', deletedAt: now, updatedAt: now });
    await this.links.update(known.link.id, { syncedAt: now });
    await this.announce(task, known.comment.id);
    return true;
  }

  /** What it asks for was done. */
  async hear({ link }: SyncedComment): Promise<void> {
    await this.links.update(link.id, { processedAt: this.clock.now() });
  }

  /** Everything that was said on the task's issue so far. What was said `until` the task was asked for is read, not obeyed. */
  async fetchAll(repository: Repository, task: Task, until: Date | null): Promise<void> {
    const now = this.clock.now();
    for (const externalComment of await this.tracker.comments(repository, task.issueNumber!)) {
      const processedAt = until && externalComment.createdAt <= until ? now : null;
      await this.take(repository, task, externalComment, { isRequest: false, processedAt });
    }
  }

  async find(repository: Repository, { kind, id }: Pick<ExternalComment, 'kind' | 'id'>) {
    const link = await this.links.findByExternalComment(repository.id, kind, id);
    const comment = link && (await this.comments.findById(link.commentId));
    return link && comment ? { link, comment } : null;
  }

  /**
   * Whether Teko has said this and does not know yet under which identifier: its message may be faster than the forge's
   * answer. A token acts for a person, whose own words under the same name are no echo.
   */
  private async isEcho(task: Task, externalComment: ExternalComment): Promise<boolean> {
    const self = await this.rights.self();
    if (externalComment.author.id !== self.id && externalComment.author.login !== self.login) return false;
    for (const link of await this.links.findByTask(task.id)) {
      if (link.origin !== 'teko' || link.externalId !== null || link.number !== externalComment.number) continue;
      const said = await this.comments.findById(link.commentId);
      if (said && externalBody(said).trim() === externalComment.body.trim()) {
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

  private announce(task: Task, commentId: string): Promise<void> {
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
  return body.slice(0, MAX_LENGTH) || (verdict ? VERDICTS[verdict] : '');
}
