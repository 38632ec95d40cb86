import type { ListQuery } from '@teko/contracts';
import type {
  Change,
  StoredCheckRun,
  CheckRunRepository,
  Comment,
  CommentLink,
  CommentLinkRepository,
  Task,
  WebhookEvent,
  WebhookEventRepository,
} from '@teko/domain';
import { MAX_POST_ATTEMPTS } from '@teko/domain';
import { byAge } from './in-memory-work';
import { compare, MemoryTable, childTable } from './memory-table';

/** Webhook events in memory. Every method runs synchronously, which makes it atomic. */
export class InMemoryWebhookEventRepository implements WebhookEventRepository {
  private lastNumber = 0;
  private readonly table = new MemoryTable<WebhookEvent>({
    noun: 'webhook event',
    sort: ['number', 'receivedAt'],
    filters: ['source', 'event', 'status', 'repositoryId'],
    search: ['deliveryId', 'event', 'subject'],
    repositoryOf: (row) => row.repositoryId ?? '',
  });

  async insert(event: Omit<WebhookEvent, 'number'>): Promise<boolean> {
    const { source, deliveryId } = event;
    if (this.table.find((row) => row.source === source && row.deliveryId === deliveryId)) return false;
    this.table.add({ ...event, number: this.lastNumber + 1 });
    this.lastNumber += 1;
    return true;
  }

  async findById(id: string) {
    return this.table.get(id);
  }

  async claim(now: Date, ttlMs: number): Promise<WebhookEvent | null> {
    const heads = new Map<string, WebhookEvent>();
    const pending = this.table.where(({ status }) => status === 'pending').sort((a, b) => a.number - b.number);
    for (const event of pending) if (!heads.has(event.subject)) heads.set(event.subject, event);
    const next = [...heads.values()].find(
      ({ dueAt, leaseExpiresAt }) => dueAt <= now && (leaseExpiresAt === null || leaseExpiresAt < now),
    );
    if (!next) return null;
    const leaseExpiresAt = new Date(now.getTime() + ttlMs);
    return this.table.patch(next.id, { leaseExpiresAt, attempts: next.attempts + 1 });
  }

  async update(id: string, patch: Partial<WebhookEvent>) {
    return this.table.patch(id, patch);
  }

  async list(query: ListQuery) {
    return this.table.list(query);
  }

  async countByStatus() {
    return this.table.countBy('status');
  }

  async prune(before: Date): Promise<void> {
    const ended = ['handled', 'ignored'];
    this.table.deleteWhere(
      ({ status, handledAt }) => ended.includes(status) && handledAt !== null && handledAt < before,
    );
  }
}

/** Comment links in memory. */
export class InMemoryCommentLinkRepository implements CommentLinkRepository {
  private readonly table: MemoryTable<CommentLink>;

  constructor(
    private readonly tasks: MemoryTable<Task>,
    private readonly comments: MemoryTable<Comment>,
  ) {
    this.table = childTable<CommentLink>(comments, 'commentId', {
      noun: 'comment link',
      unique: [['commentId'], ['repositoryId', 'kind', 'externalId']],
    });
  }

  async insertWithComment(comment: Comment, link: CommentLink): Promise<Comment | null> {
    const { repositoryId, kind, externalId } = link;
    if (externalId !== null && this.ofExternalComment(repositoryId, kind, externalId)) return null;
    const stored = this.comments.add(comment);
    try {
      this.table.add(link);
    } catch (error) {
      this.comments.delete(comment.id);
      throw error;
    }
    return stored;
  }

  async insert(link: CommentLink) {
    return this.ofComment(link.commentId) ?? this.table.add(link);
  }

  async update(id: string, patch: Partial<CommentLink>) {
    return this.table.patch(id, patch);
  }

  async claim(id: string, seen: Date | null, patch: Pick<CommentLink, 'attemptedAt' | 'dueAt'>): Promise<boolean> {
    const link = this.table.get(id);
    if (!link || compare(link.attemptedAt, seen) !== 0) return false;
    this.table.patch(id, patch);
    return true;
  }

  async findByExternalComment(repositoryId: string, kind: CommentLink['kind'], externalId: string) {
    return this.ofExternalComment(repositoryId, kind, externalId);
  }

  async findByComment(commentId: string) {
    return this.ofComment(commentId);
  }

  async findByTask(taskId: string) {
    return byAge(this.table.where((row) => row.taskId === taskId));
  }

  async findUnposted(limit: number) {
    const cameFromAnIssue = (taskId: string) => {
      const { source, issueNumber, demo } = this.tasks.require(taskId);
      return source === 'github' && issueNumber !== null && !demo;
    };
    const unposted = this.comments.where(
      ({ id, taskId, deletedAt }) => deletedAt === null && cameFromAnIssue(taskId) && !this.ofComment(id),
    );
    return byAge(unposted).slice(0, limit);
  }

  async findDue(now: Date, limit: number) {
    const due = this.table.where(
      ({ origin, attempts, dueAt, syncedAt, commentId }) =>
        origin === 'teko' &&
        attempts < MAX_POST_ATTEMPTS &&
        dueAt <= now &&
        compare(this.comments.require(commentId).updatedAt, syncedAt) > 0,
    );
    return byAge(due).slice(0, limit);
  }

  async findRequests(limit: number) {
    const requests = this.table.where(({ isRequest }) => isRequest);
    return requests
      .map((link) => ({ link, comment: this.comments.require(link.commentId) }))
      .filter(({ comment }) => comment.runId === null && comment.deletedAt === null)
      .sort((a, b) => compare(a.comment.createdAt, b.comment.createdAt))
      .slice(0, limit);
  }

  private ofComment(commentId: string): CommentLink | null {
    return this.table.find((row) => row.commentId === commentId);
  }

  private ofExternalComment(repositoryId: string, kind: CommentLink['kind'], externalId: string): CommentLink | null {
    return this.table.find(
      (row) => row.repositoryId === repositoryId && row.kind === kind && row.externalId === externalId,
    );
  }
}

export function checkRunRepository(changes: MemoryTable<Change>): CheckRunRepository {
  const table = childTable<StoredCheckRun>(changes, 'changeId', { noun: 'check run' });
  return {
    save: async (result) => {
      const { repositoryId, externalId, updatedAt } = result;
      const stored = table.find((row) => row.repositoryId === repositoryId && row.externalId === externalId);
      if (!stored) table.add(result);
      else if (stored.updatedAt <= updatedAt) table.patch(stored.id, { ...result, id: stored.id });
    },
    findByCommit: async (repositoryId, headCommit) =>
      table
        .where((row) => row.repositoryId === repositoryId && row.headCommit === headCommit)
        .sort((a, b) => compare(a.name, b.name) || compare(a.externalId, b.externalId)),
    findFlaky: async (repositoryId) => {
      const seen = new Map<string, Set<string>>();
      for (const { name, headCommit, state } of table.where((row) => row.repositoryId === repositoryId)) {
        if (state === 'pending') continue;
        const key = JSON.stringify([name, headCommit]);
        seen.set(key, (seen.get(key) ?? new Set()).add(state));
      }
      const both = [...seen].filter(([, states]) => states.size === 2);
      return [...new Set(both.map(([key]) => (JSON.parse(key) as [string])[0]))].sort();
    },
  };
}
