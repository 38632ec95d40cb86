import { TASK_PRIORITIES } from '@teko/contracts';
import type {
  ChangeRepository,
  CheckpointRepository,
  CodebaseProfileRepository,
  CommentRepository,
  EffectRepository,
  EventRepository,
  FindingRepository,
  ModelCallRepository,
  Repository,
  RepositoryRepository,
  Run,
  RunRepository,
  Session,
  SessionRepository,
  SignInLink,
  StepRepository,
  Task,
  TaskRepository,
  User,
  UserRepository,
} from '@teko/domain';
import { InMemoryCheckpointRepository, InMemoryEventRepository, InMemorySessionRepository } from './in-memory-records';
import { InMemoryRunRepository } from './in-memory-run';
import * as work from './in-memory-work';
import { MemoryTable, under } from './memory-table';

/** Every repository by the name of its port. */
export interface RepositorySet {
  RepositoryRepository: RepositoryRepository;
  CodebaseProfileRepository: CodebaseProfileRepository;
  TaskRepository: TaskRepository;
  CommentRepository: CommentRepository;
  RunRepository: RunRepository;
  StepRepository: StepRepository;
  ChangeRepository: ChangeRepository;
  FindingRepository: FindingRepository;
  ModelCallRepository: ModelCallRepository;
  EffectRepository: EffectRepository;
  CheckpointRepository: CheckpointRepository;
  UserRepository: UserRepository;
  SessionRepository: SessionRepository;
  EventRepository: EventRepository;
}

/** Empty repositories that keep everything in memory and hold to the same contract as the databases. */
export function inMemoryRepositories(): RepositorySet {
  const repositories = new MemoryTable<Repository>({
    noun: 'repository',
    unique: [['url']],
    sort: ['name', 'status', 'createdAt', 'updatedAt'],
    filters: ['status', 'demo'],
    search: ['name', 'url'],
  });
  const tasks = under<Task>(repositories, 'repositoryId', {
    noun: 'task',
    unique: [['number'], ['sourceKey']],
    sort: ['number', 'title', 'priority', 'status', 'createdAt', 'updatedAt'],
    filters: ['status', 'kind', 'priority', 'repositoryId', 'source', 'demo'],
    search: ['title', 'description', 'number'],
    ranks: { priority: TASK_PRIORITIES },
  });
  const runs = under<Run>(tasks, 'taskId', {
    noun: 'run',
    unique: [['number']],
    sort: ['number', 'status', 'priority', 'createdAt', 'finishedAt'],
    filters: ['status', 'taskId', 'repositoryId', 'agentType', 'outcome', 'demo'],
  });
  const users = new MemoryTable<User>({ noun: 'user', unique: [['email']] });
  const sessions = under<Session>(users, 'userId', { noun: 'session', unique: [['tokenHash']] });
  const links = under<SignInLink>(users, 'userId', { noun: 'sign-in link', unique: [['tokenHash']] });
  return {
    RepositoryRepository: work.repositoryRepository(repositories),
    CodebaseProfileRepository: work.profileRepository(repositories),
    TaskRepository: work.taskRepository(tasks),
    CommentRepository: work.commentRepository(tasks),
    RunRepository: new InMemoryRunRepository(runs, tasks),
    StepRepository: work.stepRepository(runs),
    ChangeRepository: work.changeRepository(runs),
    FindingRepository: work.findingRepository(runs),
    ModelCallRepository: work.modelCallRepository(runs),
    EffectRepository: work.effectRepository(runs),
    CheckpointRepository: new InMemoryCheckpointRepository(),
    UserRepository: work.userRepository(users),
    SessionRepository: new InMemorySessionRepository(sessions, links),
    EventRepository: new InMemoryEventRepository(),
  };
}
