import { TASK_PRIORITIES } from '@teko/contracts';
import type {
  AccountRepository,
  ApiTokenRepository,
  ApprovalRepository,
  AuditLogEntryRepository,
  BudgetRepository,
  Change,
  ChangeRepository,
  CheckRunRepository,
  CheckpointRepository,
  CodebaseProfileRepository,
  CodeIndexRepository,
  Comment,
  CommentLinkRepository,
  CommentRepository,
  EffectRepository,
  EventRepository,
  FindingRepository,
  InsightRepository,
  ModelCallRepository,
  Repository,
  RepositoryGrantRepository,
  RepositoryRepository,
  RoleRepository,
  Run,
  RunRepository,
  SessionRepository,
  StepRepository,
  StoredItemRepository,
  Task,
  TaskRepository,
  UserRepository,
  WebhookEventRepository,
} from '@teko/domain';
import { accessRepositories } from './in-memory-access';
import { budgetRepository } from './in-memory-budgets';
import { codeIndexRepository } from './in-memory-code-index';
import { insightRepository } from './in-memory-insights';
import { InMemoryCheckpointRepository, InMemoryEventRepository } from './in-memory-records';
import {
  checkRunRepository,
  InMemoryCommentLinkRepository,
  InMemoryWebhookEventRepository,
} from './in-memory-integration';
import { InMemoryRunRepository } from './in-memory-run';
import { storedItemRepository } from './in-memory-stored-items';
import * as work from './in-memory-work';
import { MemoryTable, childTable } from './memory-table';

/** All repositories by the name of their port. */
export interface RepositorySet {
  RepositoryRepository: RepositoryRepository;
  CodebaseProfileRepository: CodebaseProfileRepository;
  CodeIndexRepository: CodeIndexRepository;
  InsightRepository: InsightRepository;
  TaskRepository: TaskRepository;
  CommentRepository: CommentRepository;
  RunRepository: RunRepository;
  StepRepository: StepRepository;
  ApprovalRepository: ApprovalRepository;
  BudgetRepository: BudgetRepository;
  ChangeRepository: ChangeRepository;
  FindingRepository: FindingRepository;
  ModelCallRepository: ModelCallRepository;
  EffectRepository: EffectRepository;
  CheckpointRepository: CheckpointRepository;
  StoredItemRepository: StoredItemRepository;
  UserRepository: UserRepository;
  RoleRepository: RoleRepository;
  RepositoryGrantRepository: RepositoryGrantRepository;
  AccountRepository: AccountRepository;
  SessionRepository: SessionRepository;
  ApiTokenRepository: ApiTokenRepository;
  AuditLogEntryRepository: AuditLogEntryRepository;
  WebhookEventRepository: WebhookEventRepository;
  CommentLinkRepository: CommentLinkRepository;
  CheckRunRepository: CheckRunRepository;
  EventRepository: EventRepository;
}

/** Creates empty in-memory repositories, which fulfil the same contract as the database repositories. */
export function inMemoryRepositories(): RepositorySet {
  const repositories = new MemoryTable<Repository>({
    noun: 'repository',
    unique: [['url'], ['forge', 'forgeId']],
    sort: ['name', 'status', 'createdAt', 'updatedAt'],
    filters: ['status', 'forge', 'archived', 'demo'],
    repositoryOf: (row) => row.id,
    search: ['name', 'url'],
  });
  const tasks = childTable<Task>(repositories, 'repositoryId', {
    noun: 'task',
    unique: [['number'], ['repositoryId', 'sourceKey']],
    sort: ['number', 'title', 'priority', 'status', 'createdAt', 'updatedAt'],
    filters: ['status', 'kind', 'priority', 'repositoryId', 'source', 'demo'],
    repositoryOf: (row) => row.repositoryId,
    search: ['title', 'description', 'number'],
    ranks: { priority: TASK_PRIORITIES },
  });
  const runs = childTable<Run>(tasks, 'taskId', {
    noun: 'run',
    unique: [['number'], ['triggerKey']],
    sort: ['number', 'status', 'priority', 'createdAt', 'finishedAt'],
    filters: ['status', 'taskId', 'repositoryId', 'agentType', 'outcome', 'demo'],
    repositoryOf: (row) => row.repositoryId,
  });
  const comments = childTable<Comment>(tasks, 'taskId', {
    noun: 'comment',
    sort: ['createdAt'],
    filters: ['taskId'],
    repositoryOf: (row) => tasks.get(row.taskId)?.repositoryId ?? '',
  });
  const changes = childTable<Change>(runs, 'runId', {
    noun: 'change',
    unique: [['number'], ['runId']],
    sort: ['number', 'title', 'status', 'createdAt'],
    filters: ['status', 'repositoryId', 'taskId', 'runId', 'demo'],
    repositoryOf: (row) => row.repositoryId,
    search: ['title', 'branch'],
  });
  return {
    RepositoryRepository: work.repositoryRepository(repositories),
    CodebaseProfileRepository: work.profileRepository(repositories),
    CodeIndexRepository: codeIndexRepository(repositories),
    InsightRepository: insightRepository(repositories),
    TaskRepository: work.taskRepository(tasks),
    CommentRepository: work.commentRepository(comments),
    RunRepository: new InMemoryRunRepository(runs, tasks),
    StepRepository: work.stepRepository(runs),
    ApprovalRepository: work.approvalRepository(runs),
    ChangeRepository: work.changeRepository(changes),
    FindingRepository: work.findingRepository(runs),
    ModelCallRepository: work.modelCallRepository(runs),
    EffectRepository: work.effectRepository(runs),
    CheckpointRepository: new InMemoryCheckpointRepository(),
    StoredItemRepository: storedItemRepository(tasks),
    BudgetRepository: budgetRepository(),
    ...accessRepositories(repositories),
    WebhookEventRepository: new InMemoryWebhookEventRepository(),
    CommentLinkRepository: new InMemoryCommentLinkRepository(tasks, comments),
    CheckRunRepository: checkRunRepository(changes),
    EventRepository: new InMemoryEventRepository(),
  };
}
