import type {
  StoredCheckRun,
  CheckRunRepository,
  Comment,
  CommentLink,
  CommentLinkRepository,
  WebhookEvent,
  WebhookEventRepository,
} from '@teko/domain';
import { ConflictError, MAX_POST_ATTEMPTS } from '@teko/domain';
import { In, IsNull, LessThan, LessThanOrEqual, type EntityManager } from 'typeorm';
import type { Store } from './store';
import { TableRepository } from './table-repository';

/** How many of the oldest events one claim tries before it reads the table again. */
const CLAIM_CANDIDATES = 10;
const PRUNE_BATCH = 500;

type Candidate = Pick<WebhookEvent, 'id' | 'attempts' | 'leaseExpiresAt'>;

export class TypeormWebhookEventRepository extends TableRepository<WebhookEvent> implements WebhookEventRepository {
  constructor(store: Store) {
    super(store, 'webhook_events', 'webhook event', {
      sort: ['number', 'receivedAt'],
      filters: ['source', 'event', 'status', 'repositoryId'],
      search: ['deliveryId', 'event', 'subject'],
      repository: 'row.repositoryId',
    });
  }

  override async insert(event: Omit<WebhookEvent, 'number'>): Promise<boolean> {
    // The database assigns the number.
    const row = { ...event, number: undefined } as unknown as WebhookEvent;
    try {
      await this.add(row);
      return true;
    } catch (error) {
      const { source, deliveryId } = event;
      if (error instanceof ConflictError && (await this.one({ source, deliveryId }))) return false;
      throw error;
    }
  }

  /** Tries the next event if another process claims this one first. */
  claim(now: Date, ttlMs: number): Promise<WebhookEvent | null> {
    const leaseExpiresAt = new Date(now.getTime() + ttlMs);
    return this.store.query(async (manager) => {
      for (;;) {
        const candidates = await claimable(manager, now);
        if (candidates.length === 0) return null;
        for (const { id, attempts, leaseExpiresAt: before } of candidates) {
          const unchanged = { id, status: 'pending', attempts, leaseExpiresAt: before ?? IsNull() };
          const claimed = await manager.update(this.table, unchanged, { leaseExpiresAt, attempts: attempts + 1 });
          if (claimed.affected) return this.requireRow(manager, id);
        }
      }
    });
  }

  async prune(before: Date): Promise<void> {
    const where = { status: In(['handled', 'ignored']), handledAt: LessThan(before) };
    for (;;) {
      const old = await this.store.query((manager) =>
        manager.find<WebhookEvent>(this.table, { where, select: { id: true, number: true }, take: PRUNE_BATCH }),
      );
      if (old.length === 0) return;
      const ids = old.map(({ id }) => id);
      await this.store.transaction((manager) => manager.delete(this.table, { ...where, id: In(ids) }));
    }
  }
}

/** The oldest pending event of each subject if it is due and not leased; without payloads. */
function claimable(manager: EntityManager, now: Date): Promise<Candidate[]> {
  const select = manager.createQueryBuilder<WebhookEvent>('webhook_events', 'row');
  const heads = select
    .subQuery()
    .select('MIN(head.number)')
    .from('webhook_events', 'head')
    .where("head.status = 'pending'")
    .groupBy('head.subject');
  const due = { dueAt: LessThanOrEqual(now) };
  return select
    .select(['row.number', 'row.id', 'row.attempts', 'row.leaseExpiresAt'])
    .where(`row.number IN ${heads.getQuery()}`)
    .andWhere([
      { ...due, leaseExpiresAt: IsNull() },
      { ...due, leaseExpiresAt: LessThan(now) },
    ])
    .orderBy('row.number')
    .take(CLAIM_CANDIDATES)
    .getMany();
}

export class TypeormCommentLinkRepository extends TableRepository<CommentLink> implements CommentLinkRepository {
  private readonly comments: TableRepository<Comment>;

  constructor(store: Store) {
    super(store, 'comment_links', 'comment link', { parent: ['commentId', 'comment'] });
    this.comments = new TableRepository(store, 'comments', 'comment', { parent: ['taskId', 'task'] });
  }

  async insertWithComment(comment: Comment, link: CommentLink): Promise<Comment | null> {
    try {
      await this.store.transaction(async (manager) => {
        await this.comments.insertRow(manager, comment);
        await this.insertRow(manager, link);
      });
      return comment;
    } catch (error) {
      const { repositoryId, kind, externalId } = link;
      const isConflict = error instanceof ConflictError && externalId !== null;
      if (isConflict && (await this.findByExternalComment(repositoryId, kind, externalId))) return null;
      throw error;
    }
  }

  override insert(link: CommentLink): Promise<CommentLink> {
    return this.addOnce(link, { commentId: link.commentId });
  }

  async claim(id: string, seen: Date | null, patch: Pick<CommentLink, 'attemptedAt' | 'dueAt'>): Promise<boolean> {
    const unchanged = { id, attemptedAt: seen ?? IsNull() };
    const claimed = await this.store.query((manager) => manager.update(this.table, unchanged, patch));
    return Boolean(claimed.affected);
  }

  findByExternalComment(repositoryId: string, kind: CommentLink['kind'], externalId: string) {
    return this.one({ repositoryId, kind, externalId });
  }

  findByComment(commentId: string) {
    return this.one({ commentId });
  }

  findByTask(taskId: string) {
    return this.many({ taskId }, { createdAt: 'ASC' });
  }

  findUnposted(limit: number): Promise<Comment[]> {
    return this.store.query((manager) =>
      manager
        .createQueryBuilder<Comment>('comments', 'row')
        .innerJoin('tasks', 'task', 'task.id = row.taskId')
        .leftJoin('comment_links', 'link', 'link.commentId = row.id')
        .where("task.source = 'github' AND task.issueNumber IS NOT NULL AND task.demo = :demo", { demo: false })
        .andWhere('link.id IS NULL AND row.deletedAt IS NULL')
        .orderBy('row.createdAt')
        .addOrderBy('row.id')
        .limit(limit)
        .getMany(),
    );
  }

  findDue(now: Date, limit: number): Promise<CommentLink[]> {
    return this.store.query((manager) =>
      manager
        .createQueryBuilder<CommentLink>(this.table, 'row')
        .innerJoin('comments', 'comment', 'comment.id = row.commentId')
        .where("row.origin = 'teko' AND row.attempts < :max AND row.dueAt <= :now", {
          max: MAX_POST_ATTEMPTS,
          now,
        })
        .andWhere('(row.syncedAt IS NULL OR comment.updatedAt > row.syncedAt)')
        .orderBy('row.createdAt')
        .addOrderBy('row.id')
        .limit(limit)
        .getMany(),
    );
  }

  findRequests(limit: number): Promise<{ link: CommentLink; comment: Comment }[]> {
    return this.store.query(async (manager) => {
      const comments = await manager
        .createQueryBuilder<Comment>('comments', 'row')
        .innerJoin(this.table, 'link', 'link.commentId = row.id')
        .where('link.isRequest = :isRequest AND row.runId IS NULL AND row.deletedAt IS NULL', { isRequest: true })
        .orderBy('row.createdAt')
        .addOrderBy('row.id')
        .limit(limit)
        .getMany();
      const ids = comments.map(({ id }) => id);
      const links = await manager.findBy<CommentLink>(this.table, { commentId: In(ids) });
      const linkOf = new Map(links.map((link) => [link.commentId, link]));
      return comments.flatMap((comment) => {
        const link = linkOf.get(comment.id);
        return link ? [{ link, comment }] : [];
      });
    });
  }
}

export class TypeormCheckRunRepository extends TableRepository<StoredCheckRun> implements CheckRunRepository {
  constructor(store: Store) {
    super(store, 'check_runs', 'check run', { parent: ['changeId', 'change'] });
  }

  async save(result: StoredCheckRun): Promise<void> {
    const { repositoryId, externalId, updatedAt } = result;
    const stored = await this.addOnce(result, { repositoryId, externalId });
    if (stored === result) return;
    // A result that was fetched earlier but is written later must not replace a newer one.
    const older = { id: stored.id, updatedAt: LessThanOrEqual(updatedAt) };
    await this.store.query((manager) => manager.update(this.table, older, { ...result, id: stored.id }));
  }

  findByCommit(repositoryId: string, headCommit: string) {
    return this.many({ repositoryId, headCommit }, { name: 'ASC', externalId: 'ASC' });
  }

  async findFlaky(repositoryId: string): Promise<string[]> {
    const rows = await this.store.query((manager) =>
      manager
        .createQueryBuilder(this.table, 'row')
        .select('row.name', 'name')
        .where("row.repositoryId = :repositoryId AND row.state <> 'pending'", { repositoryId })
        .groupBy('row.name')
        .addGroupBy('row.headCommit')
        .having('COUNT(DISTINCT row.state) = 2')
        .getRawMany<{ name: string }>(),
    );
    return [...new Set(rows.map(({ name }) => name))].sort();
  }
}
