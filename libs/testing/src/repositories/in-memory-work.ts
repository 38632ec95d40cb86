import { FINDING_SEVERITIES } from '@teko/contracts';
import {
  type Approval,
  type ApprovalRepository,
  ConflictError,
  LeaseLostError,
  type Change,
  type ChangeRepository,
  type CodebaseProfile,
  type CodebaseProfileRepository,
  type Comment,
  type CommentRepository,
  type Effect,
  type EffectRepository,
  type Finding,
  type FindingRepository,
  type Lease,
  type ModelCall,
  type ModelCallRepository,
  type Repository,
  type RepositoryRepository,
  type Run,
  type Step,
  type StepRepository,
  type Task,
  type TaskRepository,
} from '@teko/domain';
import { compare, childTable, type MemoryTable } from './memory-table';

export function repositoryRepository(table: MemoryTable<Repository>): RepositoryRepository {
  return {
    insert: async (repository) => void table.add(repository),
    update: async (id, patch) => table.patch(id, patch),
    findById: async (id) => table.get(id),
    findByUrl: async (url) => table.find((row) => row.url === url),
    findByForgeId: async (forge, forgeId) => table.find((row) => row.forge === forge && row.forgeId === forgeId),
    claimReconciliation: async (id, seen, now) => {
      const row = table.get(id);
      if (!row || compare(row.reconciledAt, seen) !== 0) return false;
      table.patch(id, { reconciledAt: now });
      return true;
    },
    addMissedEvents: async (id, count) =>
      void table.patch(id, { missedEvents: table.require(id).missedEvents + count }),
    findWeights: async () =>
      Object.fromEntries(table.where((row) => row.weight !== 1).map(({ id, weight }) => [id, weight])),
    list: async (query) => table.list(query),
    delete: async (id) => table.delete(id),
  };
}

export function profileRepository(repositories: MemoryTable<Repository>): CodebaseProfileRepository {
  const table = childTable<CodebaseProfile>(repositories, 'repositoryId', { noun: 'codebase profile' });
  const at = (repositoryId: string, commit: string) => (row: CodebaseProfile) =>
    row.repositoryId === repositoryId && row.commit === commit;
  const newest = (repositoryId: string) =>
    table.where((row) => row.repositoryId === repositoryId).sort((a, b) => compare(b.createdAt, a.createdAt));
  return {
    save: async (profile) => {
      table.deleteWhere(at(profile.repositoryId, profile.commit));
      table.add(profile);
    },
    findByCommit: async (repositoryId, commit) => table.find(at(repositoryId, commit)),
    findLatest: async (repositoryId) => newest(repositoryId)[0] ?? null,
    findHistory: async (repositoryId, limit) => newest(repositoryId).slice(0, limit),
  };
}

const hasSource = (repositoryId: string, sourceKey: string) => (row: Task) =>
  row.repositoryId === repositoryId && row.sourceKey === sourceKey;

export function taskRepository(table: MemoryTable<Task>): TaskRepository {
  return {
    insert: async (task) => {
      const taken = table.find(hasSource(task.repositoryId, task.sourceKey));
      if (taken)
        throw new ConflictError(`task ${taken.number} already exists for ${task.sourceKey}`, { taskId: taken.id });
      return table.add({ ...task, number: table.next('number') });
    },
    update: async (id, patch) => table.patch(id, patch),
    transition: async (id, from, to, reason) => {
      if (table.get(id)?.status !== from) return false;
      table.patch(id, { status: to, statusReason: reason, updatedAt: new Date() });
      return true;
    },
    findById: async (id) => table.get(id),
    findBySourceKey: async (repositoryId, sourceKey) => table.find(hasSource(repositoryId, sourceKey)),
    findByIssue: async (repositoryId, number) =>
      table
        .where((row) => row.repositoryId === repositoryId && row.issueNumber === number)
        .sort((a, b) => b.number - a.number),
    findWaitingForTasks: async (limit) =>
      table
        .where((row) => row.status === 'blocked' && row.blockedBy !== null)
        .sort((a, b) => a.number - b.number)
        .slice(0, limit),
    findByStatus: async (status, limit) => {
      const found = table.where((row) => row.status === status).sort((a, b) => a.number - b.number);
      const isHead = (task: Task) => found.find(({ repositoryId }) => repositoryId === task.repositoryId) === task;
      return [...found.filter(isHead), ...found.filter((task) => !isHead(task))].slice(0, limit);
    },
    list: async (query) => table.list(query),
    countByStatus: async (within) => table.countBy('status', within),
    delete: async (id) => table.delete(id),
  };
}

export function commentRepository(table: MemoryTable<Comment>): CommentRepository {
  return {
    insert: async (comment) => {
      const key = comment.idempotencyKey;
      return (key ? table.find((row) => row.idempotencyKey === key) : null) ?? table.add(comment);
    },
    findById: async (id) => table.get(id),
    update: async (id, patch) => table.patch(id, patch),
    findLatest: async (taskId, limit) => byAge(table.where((row) => row.taskId === taskId)).slice(-limit),
    list: async (query) => table.list(query),
  };
}

export function stepRepository(runs: MemoryTable<Run>): StepRepository {
  const table = childTable<Step>(runs, 'runId', { noun: 'step' });
  const byKey = (runId: string, key: string) => table.find((row) => row.runId === runId && row.key === key);
  const ofRun = (runId: string) => (row: Step) => row.runId === runId;
  return {
    begin: async (step) =>
      byKey(step.runId, step.key) ?? table.add({ ...step, seq: table.next('seq', ofRun(step.runId)) }),
    finish: async (id, patch, lease) => {
      if (lease) requireLease(runs, lease);
      return table.patch(id, patch);
    },
    findByKey: async (runId, key) => byKey(runId, key),
    findById: async (id) => table.get(id),
    findByRun: async (runId) => table.where(ofRun(runId)).sort((a, b) => a.seq - b.seq),
  };
}

export function approvalRepository(runs: MemoryTable<Run>): ApprovalRepository {
  const table = childTable<Approval>(runs, 'runId', {
    noun: 'approval',
    unique: [['runId', 'subjectHash']],
    sort: ['createdAt'],
    filters: ['runId', 'taskId', 'repositoryId', 'status'],
    repositoryOf: (row) => row.repositoryId,
  });
  return {
    insert: async (approval) =>
      table.find((row) => row.runId === approval.runId && row.subjectHash === approval.subjectHash) ??
      table.add(approval),
    decide: async (id, decision) => {
      if (table.get(id)?.status !== 'pending') return false;
      table.patch(id, decision);
      return true;
    },
    findById: async (id) => table.get(id),
    findByRun: async (runId) => byAge(table.where((row) => row.runId === runId)).reverse(),
    list: async (query) => table.list(query),
  };
}

export function changeRepository(table: MemoryTable<Change>): ChangeRepository {
  const isOpen = ({ status }: Change) => status !== 'merged' && status !== 'closed';
  const newest = (rows: Change[]) => rows.sort((a, b) => b.number - a.number)[0] ?? null;
  const ofRun = (runId: string) => table.find((row) => row.runId === runId);
  return {
    insert: async (change) => ofRun(change.runId) ?? table.add({ ...change, number: table.next('number') }),
    update: async (id, patch) => table.patch(id, patch),
    findById: async (id) => table.get(id),
    findByRun: async (runId) => ofRun(runId),
    findOpenByTask: async (taskId) => newest(table.where((row) => row.taskId === taskId && isOpen(row))),
    findByPullRequest: async (repositoryId, pullRequestNumber) =>
      newest(table.where((row) => row.repositoryId === repositoryId && row.pullRequestNumber === pullRequestNumber)),
    findWithOpenPullRequest: async (repositoryId) =>
      table
        .where((row) => row.repositoryId === repositoryId && row.pullRequestNumber !== null && isOpen(row))
        .sort((a, b) => a.number - b.number),
    list: async (query) => table.list(query),
  };
}

export function findingRepository(runs: MemoryTable<Run>): FindingRepository {
  const table = childTable<Finding>(runs, 'runId', {
    noun: 'finding',
    sort: ['severity', 'path', 'createdAt'],
    filters: ['runId', 'changeId', 'taskId', 'repositoryId', 'severity', 'status'],
    repositoryOf: (row) => row.repositoryId,
    ranks: { severity: FINDING_SEVERITIES },
  });
  return {
    replaceForRun: async (runId, findings) => {
      const before = table.where((row) => row.runId === runId);
      table.deleteWhere((row) => row.runId === runId);
      try {
        for (const finding of findings) table.add(finding);
      } catch (error) {
        table.deleteWhere((row) => row.runId === runId);
        for (const finding of before) table.add(finding);
        throw error;
      }
    },
    findById: async (id) => table.get(id),
    update: async (id, patch) => table.patch(id, patch),
    list: async (query) => table.list(query),
  };
}

export function modelCallRepository(runs: MemoryTable<Run>): ModelCallRepository {
  const table = childTable<ModelCall>(runs, 'runId', { noun: 'model call' });
  const byKey = (runId: string, key: string) => table.find((row) => row.runId === runId && row.key === key);
  return {
    begin: async (call) => byKey(call.runId, call.key) ?? table.add(call),
    finish: async (id, patch, lease) => {
      if (lease) requireLease(runs, lease);
      if (table.get(id)?.status !== 'done') table.patch(id, patch);
    },
    findByKey: async (runId, key) => byKey(runId, key),
    findByRun: async (runId) => byAge(table.where((row) => row.runId === runId)),
  };
}

function requireLease(runs: MemoryTable<Run>, { runId, owner, token }: Lease): void {
  const run = runs.get(runId);
  if (run?.leaseOwner !== owner || run.leaseToken !== token) throw new LeaseLostError(runId);
}

export function effectRepository(runs: MemoryTable<Run>): EffectRepository {
  const table = childTable<Effect>(runs, 'runId', { noun: 'effect' });
  return {
    begin: async (effect) => table.find(({ key }) => key === effect.key) ?? table.add(effect),
    finish: async (id, patch) => void table.patch(id, patch),
    findByRun: async (runId) => byAge(table.where((row) => row.runId === runId)),
  };
}

export function byAge<T extends { createdAt: Date }>(rows: T[]): T[] {
  return rows.sort((a, b) => compare(a.createdAt, b.createdAt));
}
