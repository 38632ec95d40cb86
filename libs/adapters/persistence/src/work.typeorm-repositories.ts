import { FINDING_SEVERITIES, TASK_PRIORITIES } from '@teko/contracts';
import type {
  Approval,
  ApprovalRepository,
  Change,
  ChangeRepository,
  CodebaseProfile,
  CodebaseProfileRepository,
  Comment,
  CommentRepository,
  Finding,
  FindingRepository,
  Lease,
  Repository,
  RepositoryRepository,
  Step,
  StepRepository,
  Task,
  TaskRepository,
} from '@teko/domain';
import { ConflictError, NotFoundError } from '@teko/domain';
import { In, IsNull, Not } from 'typeorm';
import type { Store } from './store';
import { requireLease, TableRepository } from './table-repository';

const IS_OPEN = Not(In(['merged', 'closed']));

export class TypeormRepositoryRepository extends TableRepository<Repository> implements RepositoryRepository {
  constructor(store: Store) {
    super(store, 'repositories', 'repository', {
      sort: ['name', 'status', 'createdAt', 'updatedAt'],
      filters: ['status', 'forge', 'archived', 'demo'],
      repository: 'row.id',
      search: ['name', 'url'],
    });
  }

  override async insert(row: Repository): Promise<void> {
    await this.add(row);
  }

  findByUrl(url: string) {
    return this.one({ url });
  }

  findByForgeId(forge: Repository['forge'], forgeId: string) {
    return this.one({ forge, forgeId });
  }

  async claimReconciliation(id: string, seen: Date | null, now: Date): Promise<boolean> {
    const unchanged = { id, reconciledAt: seen ?? IsNull() };
    const result = await this.store.query((manager) => manager.update(this.table, unchanged, { reconciledAt: now }));
    return Boolean(result.affected);
  }

  async addMissedEvents(id: string, count: number): Promise<void> {
    const result = await this.store.query((manager) => manager.increment(this.table, { id }, 'missedEvents', count));
    if (!result.affected) throw new NotFoundError('repository', id);
  }

  async findWeights() {
    const rows = await this.many({ weight: Not(1) }, { createdAt: 'ASC' });
    return Object.fromEntries(rows.map(({ id, weight }) => [id, weight]));
  }
}

export class TypeormCodebaseProfileRepository
  extends TableRepository<CodebaseProfile>
  implements CodebaseProfileRepository
{
  constructor(store: Store) {
    super(store, 'codebase_profiles', 'codebase profile', { parent: ['repositoryId', 'repository'] });
  }

  async save(profile: CodebaseProfile): Promise<void> {
    await this.store.transaction(async (manager) => {
      await manager.delete(this.table, { repositoryId: profile.repositoryId, commit: profile.commit });
      await this.insertRow(manager, profile);
    });
  }

  findByCommit(repositoryId: string, commit: string) {
    return this.one({ repositoryId, commit });
  }

  async findLatest(repositoryId: string) {
    return (await this.findHistory(repositoryId, 1))[0] ?? null;
  }

  findHistory(repositoryId: string, limit: number) {
    return this.many({ repositoryId }, { createdAt: 'DESC' }, limit);
  }
}

export class TypeormTaskRepository extends TableRepository<Task> implements TaskRepository {
  constructor(store: Store) {
    super(store, 'tasks', 'task', {
      sort: ['number', 'title', 'priority', 'status', 'createdAt', 'updatedAt'],
      filters: ['status', 'kind', 'priority', 'repositoryId', 'source', 'demo'],
      repository: 'row.repositoryId',
      search: ['title', 'description', 'number'],
      ranks: { priority: TASK_PRIORITIES },
      parent: ['repositoryId', 'repository'],
    });
  }

  override async insert(task: Omit<Task, 'number'>): Promise<Task> {
    const requireUnusedSource = async () => {
      const existing = await this.findBySourceKey(task.repositoryId, task.sourceKey);
      if (existing)
        throw new ConflictError(`task ${existing.number} already exists for ${task.sourceKey}`, {
          taskId: existing.id,
        });
    };
    await requireUnusedSource();
    try {
      return await this.withNext('number', {}, async (manager, number) => {
        await this.insertRow(manager, { ...task, number });
        return { ...task, number };
      });
    } catch (error) {
      await requireUnusedSource();
      throw error;
    }
  }

  async transition(id: string, from: Task['status'], to: Task['status'], reason: string | null): Promise<boolean> {
    const result = await this.store.query((manager) =>
      manager.update(this.table, { id, status: from }, { status: to, statusReason: reason, updatedAt: new Date() }),
    );
    return Boolean(result.affected);
  }

  findBySourceKey(repositoryId: string, sourceKey: string) {
    return this.one({ repositoryId, sourceKey });
  }

  findByIssue(repositoryId: string, number: number) {
    return this.many({ repositoryId, issueNumber: number }, { number: 'DESC' });
  }

  findWaitingForTasks(limit: number) {
    return this.many({ status: 'blocked', blockedBy: Not(IsNull()) }, { number: 'ASC' }, limit);
  }

  async findByStatus(status: Task['status'], limit: number): Promise<Task[]> {
    const heads = await this.store.query((manager) =>
      manager
        .createQueryBuilder('tasks', 'row')
        .select('MIN(row.number)', 'number')
        .where('row.status = :status', { status })
        .groupBy('row.repositoryId')
        .orderBy('MIN(row.number)')
        .limit(limit)
        .getRawMany<{ number: number | string }>(),
    );
    const numbers = heads.map(({ number }) => Number(number));
    if (numbers.length === 0) return [];
    const first = await this.many({ number: In(numbers), status }, { number: 'ASC' });
    const rest = await this.many({ number: Not(In(numbers)), status }, { number: 'ASC' }, limit);
    return [...first, ...rest].slice(0, limit);
  }
}

export class TypeormCommentRepository extends TableRepository<Comment> implements CommentRepository {
  constructor(store: Store) {
    super(store, 'comments', 'comment', {
      sort: ['createdAt'],
      filters: ['taskId'],
      repository: '(SELECT task.repositoryId FROM tasks task WHERE task.id = row.taskId)',
      parent: ['taskId', 'task'],
    });
  }

  override insert(comment: Comment): Promise<Comment> {
    return comment.idempotencyKey
      ? this.addOnce(comment, { idempotencyKey: comment.idempotencyKey })
      : this.add(comment).then(() => comment);
  }

  async findLatest(taskId: string, limit: number) {
    return (await this.many({ taskId }, { createdAt: 'DESC' }, limit)).reverse();
  }
}

export class TypeormStepRepository extends TableRepository<Step> implements StepRepository {
  constructor(store: Store) {
    super(store, 'steps', 'step', { parent: ['runId', 'run'] });
  }

  async begin(step: Omit<Step, 'seq'>): Promise<Step> {
    return this.withNext('seq', { runId: step.runId }, async (manager, seq) => {
      const stored = await manager.findOne<Step>(this.table, { where: { runId: step.runId, key: step.key } });
      if (stored) return stored;
      await this.insertRow(manager, { ...step, seq });
      return { ...step, seq };
    });
  }

  finish(id: string, patch: Pick<Step, 'status' | 'output' | 'data' | 'finishedAt'>, lease: Lease | null) {
    return this.store.transaction(async (manager) => {
      await this.requireRow(manager, id);
      if (lease) await requireLease(manager, lease);
      await this.patch(manager, id, patch);
      return this.requireRow(manager, id);
    });
  }

  findByKey(runId: string, key: string) {
    return this.one({ runId, key });
  }

  findByRun(runId: string) {
    return this.many({ runId }, { seq: 'ASC' });
  }
}

export class TypeormApprovalRepository extends TableRepository<Approval> implements ApprovalRepository {
  constructor(store: Store) {
    super(store, 'approvals', 'approval', {
      sort: ['createdAt'],
      filters: ['runId', 'taskId', 'repositoryId', 'status'],
      repository: 'row.repositoryId',
      parent: ['runId', 'run'],
    });
  }

  override insert(approval: Approval): Promise<Approval> {
    return this.addOnce(approval, { runId: approval.runId, subjectHash: approval.subjectHash });
  }

  async decide(id: string, decision: Partial<Approval>): Promise<boolean> {
    const pending = { id, status: 'pending' };
    const result = await this.store.query((manager) => manager.update('approvals', pending, decision));
    return Boolean(result.affected);
  }

  findByRun(runId: string) {
    return this.many({ runId }, { createdAt: 'DESC' });
  }
}

export class TypeormChangeRepository extends TableRepository<Change> implements ChangeRepository {
  constructor(store: Store) {
    super(store, 'changes', 'change', {
      sort: ['number', 'title', 'status', 'createdAt'],
      filters: ['status', 'repositoryId', 'taskId', 'runId', 'demo'],
      repository: 'row.repositoryId',
      search: ['title', 'branch'],
      parent: ['runId', 'run'],
    });
  }

  override insert(change: Omit<Change, 'number'>): Promise<Change> {
    return this.withNext('number', {}, async (manager, number) => {
      const stored = await manager.findOne<Change>(this.table, { where: { runId: change.runId } });
      if (stored) return stored;
      await this.insertRow(manager, { ...change, number });
      return { ...change, number };
    });
  }

  findByRun(runId: string) {
    return this.one({ runId });
  }

  async findOpenByTask(taskId: string) {
    return (await this.many({ taskId, status: IS_OPEN }, { number: 'DESC' }, 1))[0] ?? null;
  }

  async findByPullRequest(repositoryId: string, pullRequestNumber: number) {
    return (await this.many({ repositoryId, pullRequestNumber }, { number: 'DESC' }, 1))[0] ?? null;
  }

  findWithOpenPullRequest(repositoryId: string) {
    return this.many({ repositoryId, pullRequestNumber: Not(IsNull()), status: IS_OPEN }, { number: 'ASC' });
  }
}

export class TypeormFindingRepository extends TableRepository<Finding> implements FindingRepository {
  constructor(store: Store) {
    super(store, 'findings', 'finding', {
      sort: ['severity', 'path', 'createdAt'],
      filters: ['runId', 'changeId', 'taskId', 'repositoryId', 'severity', 'status'],
      repository: 'row.repositoryId',
      ranks: { severity: FINDING_SEVERITIES },
      parent: ['runId', 'run'],
    });
  }

  async replaceForRun(runId: string, findings: Finding[]): Promise<void> {
    await this.store.transaction(async (manager) => {
      await manager.delete(this.table, { runId });
      for (const finding of findings) await this.insertRow(manager, finding);
    });
  }
}
