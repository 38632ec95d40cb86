import { Test } from '@nestjs/testing';
import { Global, Module } from '@nestjs/common';
import * as domain from '@teko/domain';
import type { Comment, ExternalComment, ExternalEvent, Run, Task } from '@teko/domain';
import { TekoSettings, UnitOfWork, withDeferred } from '@teko/platform';
import { FollowUps } from '@teko/scheduling';
import {
  aChange,
  aCodebaseProfile,
  anAuthor,
  aRepository,
  aRun,
  InMemoryForge,
  InMemoryMemory,
  inMemoryRepositories,
  type RepositorySet,
} from '@teko/testing';
import { ExternalEvents } from './external-events.service';
import { IntakeModule } from './intake.module';
import { Reconciler } from './reconciler.service';

export type ExternalIssueEvent = Extract<ExternalEvent, { type: 'issue' }>;

/** The intake module with one repository, in-memory repositories and an in-memory forge. */
export class IntakeFixture {
  readonly rows = inMemoryRepositories();
  readonly forge = new InMemoryForge();
  readonly repository = aRepository({ forge: 'github', forgeId: '1', forgeName: 'octo/shop', name: 'octo/shop' });
  now = new Date();
  externalEvents: ExternalEvents;
  reconciler: Reconciler;
  followUps: FollowUps;

  static async create(): Promise<IntakeFixture> {
    const fixture = new IntakeFixture();
    await fixture.start();
    return fixture;
  }

  private async start(): Promise<void> {
    const { rows, forge, repository } = this;
    await rows.RepositoryRepository.insert(repository);
    await rows.CodebaseProfileRepository.save(aCodebaseProfile({ repositoryId: repository.id }));
    const names = Object.keys(rows) as (keyof RepositorySet)[];
    const queue = { add: async () => {}, remove: async () => {} };
    const bus = { publish: async () => {}, subscribe: () => () => {} };
    const providers = [
      ...names.map((name) => ({ provide: domain[name], useValue: rows[name] as unknown })),
      { provide: domain.Forge, useValue: forge },
      { provide: domain.Tracker, useValue: forge },
      { provide: domain.ForgeConnection, useValue: forge },
      { provide: domain.WebhookParser, useValue: {} },
      { provide: domain.GitMirrors, useValue: {} },
      { provide: domain.Memory, useValue: new InMemoryMemory() },
      { provide: domain.RunQueue, useValue: queue },
      { provide: UnitOfWork, useValue: { run: withDeferred } },
      { provide: domain.EventBus, useValue: bus },
      { provide: domain.Clock, useValue: { now: () => this.now } },
      { provide: domain.Ids, useValue: { next: () => crypto.randomUUID() } },
      { provide: TekoSettings, useValue: {} },
    ];
    @Global()
    @Module({ providers, exports: providers.map(({ provide }) => provide) })
    class PortsModule {}
    const app = await Test.createTestingModule({ imports: [PortsModule, IntakeModule] }).compile();
    this.externalEvents = app.get(ExternalEvents, { strict: false });
    this.reconciler = app.get(Reconciler, { strict: false });
    this.followUps = app.get(FollowUps, { strict: false });
  }

  /** Moves the clock forward. */
  advance(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
  }

  receive(externalEvent: ExternalEvent) {
    return this.externalEvents.handle(this.repository, externalEvent);
  }

  receiveIssue(action: ExternalIssueEvent['action'], overrides: Partial<ExternalIssueEvent> = {}) {
    const issue = this.forge.issues[0]!;
    const defaults = { issue, actor: anAuthor(), at: new Date(), label: null, assignee: null };
    return this.receive({ type: 'issue', action, ...defaults, ...overrides });
  }

  receiveComment(externalComment: ExternalComment, action: 'created' | 'edited' | 'deleted' = 'created') {
    return this.receive({ type: 'comment', action, externalComment, issue: null, actor: externalComment.author });
  }

  async tasks(): Promise<Task[]> {
    const query = { page: 1, perPage: 50, sort: 'number', order: 'ASC' } as const;
    return (await this.rows.TaskRepository.list({ ...query, filters: {} })).data;
  }

  async onlyTask(): Promise<Task> {
    return (await this.tasks())[0]!;
  }

  async comments(): Promise<Comment[]> {
    return this.rows.CommentRepository.findLatest((await this.onlyTask()).id, 100);
  }

  runsOf(task: Task): Promise<Run[]> {
    return this.rows.RunRepository.findByTask(task.id);
  }

  /** Labels the issue and returns its task. */
  async labelled(): Promise<Task> {
    await this.receiveIssue('labelled', { label: 'teko' });
    return this.onlyTask();
  }

  /** Returns a task whose change is in review as pull request 100. */
  async inReview(): Promise<{ task: Task; run: Run }> {
    const { rows, forge, repository } = this;
    const task = await this.labelled();
    const commits = { baseCommit: 'a'.repeat(40), headCommit: 'c'.repeat(40) };
    const run = await rows.RunRepository.insert(
      aRun({ taskId: task.id, repositoryId: repository.id, status: 'succeeded', finishedAt: this.now, ...commits }),
    );
    for (const [from, to] of [
      ['new', 'analysed'],
      ['analysed', 'queued'],
      ['queued', 'running'],
      ['running', 'in_review'],
    ] as const)
      await rows.TaskRepository.transition(task.id, from, to, null);
    const ids = { repositoryId: repository.id, taskId: task.id, runId: run.id };
    await rows.ChangeRepository.insert(
      aChange({ ...ids, ...commits, pullRequestNumber: 100, branch: 'teko/1-answer', status: 'open' }),
    );
    forge.branches['teko/1-answer'] = commits.headCommit;
    const draft = { title: 'T', body: '', branch: 'teko/1-answer', baseBranch: 'main', isDraft: false };
    await forge.openPullRequest(repository, draft);
    return { task: (await rows.TaskRepository.findById(task.id))!, run };
  }
}
