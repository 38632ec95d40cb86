import { Inject, Injectable } from '@nestjs/common';
import {
  Clock,
  CommentLinkRepository,
  CommentRepository,
  Ids,
  saidOutside,
  Tracker,
  type Comment,
  type CommentLink,
  type Remark,
  type Repository,
  type Task,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { OutsideRights } from './outside-rights.service';

const LONGEST = 60_000;

/** A remark as it stands in Teko. */
export interface Mirrored {
  comment: Comment;
  link: CommentLink;
  isNew: boolean;
}

/** Brings what is said on the forge into Teko: once, with its author, its edits and its end. The table of links tells echoes. */
@Injectable()
export class RemarkMirror {
  constructor(
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(OutsideRights) private readonly rights: OutsideRights,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Null where Teko said it itself. */
  async take(
    repository: Repository,
    task: Task,
    remark: Remark,
    { isRequest, heardAt = null }: { isRequest: boolean; heardAt?: Date | null },
  ): Promise<Mirrored | null> {
    const known = await this.find(repository, remark);
    if (known) return known.link.origin === 'teko' ? null : { ...known, isNew: false };
    if (await this.isEcho(task, remark)) return null;
    const trusted = (await this.rights.refusal(repository, remark.author)) === null;
    const { id: authorId } = await this.rights.actor(remark.author);
    const comment: Comment = {
      id: this.ids.next(),
      taskId: task.id,
      runId: null,
      author: remark.author.login,
      authorKind: 'user',
      authorId,
      trusted,
      body: textOf(remark),
      idempotencyKey: null,
      deletedAt: null,
      createdAt: remark.createdAt,
      updatedAt: remark.updatedAt,
    };
    const link = { ...this.linkOf(repository, comment, remark, isRequest && trusted), heardAt };
    const stored = await this.links.insertWithComment(comment, link);
    if (!stored) return this.take(repository, task, remark, { isRequest, heardAt });
    await this.announce(task, comment.id);
    return { comment, link, isNew: true };
  }

  /** An older state of it, and one that Teko has said, change nothing. */
  async edit(repository: Repository, task: Task, remark: Remark): Promise<boolean> {
    const known = await this.find(repository, remark);
    if (!known) return false;
    const { comment, link } = known;
    const body = textOf(remark);
    const isOld = link.saidAt !== null && remark.updatedAt < link.saidAt;
    if (comment.deletedAt || comment.body === body || isOld || link.origin === 'teko') return false;
    const trusted = (await this.rights.refusal(repository, remark.author)) === null;
    await this.comments.update(comment.id, { body, trusted, updatedAt: remark.updatedAt });
    await this.links.update(link.id, { saidAt: remark.updatedAt });
    await this.announce(task, comment.id);
    return true;
  }

  async remove(repository: Repository, task: Task, remark: Pick<Remark, 'kind' | 'id'>): Promise<boolean> {
    const known = await this.find(repository, remark);
    if (!known || known.comment.deletedAt) return false;
    const now = this.clock.now();
    await this.comments.update(known.comment.id, { body: '', deletedAt: now, updatedAt: now });
    await this.links.update(known.link.id, { saidAt: now });
    await this.announce(task, known.comment.id);
    return true;
  }

  /** What it asks for was done. */
  async hear({ link }: Mirrored): Promise<void> {
    await this.links.update(link.id, { heardAt: this.clock.now() });
  }

  /** Everything that was said on the task's issue so far. What was said `until` the task was asked for is read, not obeyed. */
  async fetchAll(repository: Repository, task: Task, until: Date | null): Promise<void> {
    const now = this.clock.now();
    for (const remark of await this.tracker.comments(repository, task.issueNumber!)) {
      const heardAt = until && remark.createdAt <= until ? now : null;
      await this.take(repository, task, remark, { isRequest: false, heardAt });
    }
  }

  async find(repository: Repository, { kind, id }: Pick<Remark, 'kind' | 'id'>) {
    const link = await this.links.findByRemark(repository.id, kind, id);
    const comment = link && (await this.comments.findById(link.commentId));
    return link && comment ? { link, comment } : null;
  }

  /**
   * Whether Teko has said this and does not know yet under which identifier: its message may be faster than the forge's
   * answer. A token acts for a person, whose own words under the same name are no echo.
   */
  private async isEcho(task: Task, remark: Remark): Promise<boolean> {
    const self = await this.rights.self();
    if (remark.author.id !== self.id && remark.author.login !== self.login) return false;
    for (const link of await this.links.findByTask(task.id)) {
      if (link.origin !== 'teko' || link.externalId !== null || link.number !== remark.number) continue;
      const said = await this.comments.findById(link.commentId);
      if (said && saidOutside(said).trim() === remark.body.trim()) {
        const { id: externalId, kind, url, updatedAt: saidAt } = remark;
        await this.links.update(link.id, { externalId, kind, url, saidAt });
        return true;
      }
    }
    return self.isBot;
  }

  private linkOf(repository: Repository, comment: Comment, remark: Remark, isRequest: boolean): CommentLink {
    const { kind, number, id: externalId, url, threadId, path, line } = remark;
    const now = this.clock.now();
    return {
      id: this.ids.next(),
      commentId: comment.id,
      taskId: comment.taskId,
      repositoryId: repository.id,
      origin: 'outside',
      ...{ kind, number, externalId, url, threadId, path, line, isRequest },
      saidAt: remark.updatedAt,
      heardAt: null,
      triedAt: null,
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

function textOf({ body, verdict }: Remark): string {
  return body.slice(0, LONGEST) || (verdict ? VERDICTS[verdict] : '');
}
