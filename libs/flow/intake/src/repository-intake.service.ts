import { Inject, Injectable } from '@nestjs/common';
import type { ApprovalRule, Approvers, PlanRule } from '@teko/contracts';
import {
  Clock,
  ConflictError,
  GitMirrors,
  Ids,
  Memory,
  NotFoundError,
  RepositoryRepository,
  RunRepository,
  type Repository,
  type Run,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { SchedulingService } from '@teko/scheduling';
import { FieldErrors } from './task-rules';

const NAME_LIMIT = 200;
const URL_LIMIT = 500;
const COMMAND_LIMIT = 2000;
const MAX_WEIGHT = 100;
const LABEL_LIMIT = 50;
const DEFAULT_LABEL = 'teko';

export interface RepositoryPatch {
  name?: string;
  setupCommand?: string | null;
  testCommand?: string | null;
  lintCommand?: string | null;
  buildCommand?: string | null;
  approvalRule?: ApprovalRule;
  approvers?: Approvers;
  planRule?: PlanRule;
  weight?: number;
  intakeLabel?: string;
}

/** What the place of a repository says about it. */
export type RepositorySource = Pick<
  Repository,
  'url' | 'forge' | 'forgeId' | 'forgeName' | 'defaultBranch' | 'archived'
>;

export interface NewRepository extends RepositoryPatch {
  name: string;
  url: string;
}

/** Takes repositories under care and lets them go. The worker fetches and analyses those that are `pending`. */
@Injectable()
export class RepositoryIntake {
  constructor(
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(Memory) private readonly memory: Memory,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Stores a repository whose url can be fetched. Throws InvalidError by field, ConflictError with `repositoryId`. */
  async add(input: NewRepository): Promise<Repository> {
    const url = input.url.trim();
    const errors = checkPatch(input);
    errors.check('url', url.length > 0 && url.length <= URL_LIMIT, `must have 1 to ${URL_LIMIT} characters`);
    errors.throwIfAny();
    await this.mirrors.check(url);
    const taken = await this.repositories.findByUrl(url);
    if (taken) throw new ConflictError(`repository ${taken.name} has this url`, { repositoryId: taken.id });
    const source = { url, forgeId: null, forgeName: null, defaultBranch: null, archived: false };
    return this.store({ ...source, forge: 'local' }, input);
  }

  /** Stores a repository that was looked at already. Throws InvalidError by field. */
  async store(source: RepositorySource, input: RepositoryPatch & { name: string }): Promise<Repository> {
    checkPatch(input).throwIfAny();
    const now = this.clock.now();
    const repository: Repository = {
      ...source,
      id: this.ids.next(),
      name: input.name.trim(),
      status: 'pending',
      statusReason: null,
      headCommit: null,
      setupCommand: input.setupCommand || null,
      testCommand: input.testCommand || null,
      lintCommand: input.lintCommand || null,
      buildCommand: input.buildCommand || null,
      approvalRule: input.approvalRule ?? 'risky',
      approvers: input.approvers ?? 'anyone',
      planRule: input.planRule ?? 'never',
      weight: input.weight ?? 1,
      intakeLabel: input.intakeLabel?.trim() ?? DEFAULT_LABEL,
      reconciledAt: null,
      missedEvents: 0,
      demo: false,
      fetchedAt: null,
      createdAt: now,
      updatedAt: now,
    };
    await this.repositories.insert(repository);
    await this.record(repository.id);
    return repository;
  }

  async update(id: string, patch: RepositoryPatch): Promise<Repository> {
    await this.get(id);
    checkPatch(patch).throwIfAny();
    const updated = await this.repositories.update(id, {
      ...(patch.name !== undefined && { name: patch.name.trim() }),
      ...(patch.setupCommand !== undefined && { setupCommand: patch.setupCommand || null }),
      ...(patch.testCommand !== undefined && { testCommand: patch.testCommand || null }),
      ...(patch.lintCommand !== undefined && { lintCommand: patch.lintCommand || null }),
      ...(patch.buildCommand !== undefined && { buildCommand: patch.buildCommand || null }),
      ...(patch.approvalRule !== undefined && { approvalRule: patch.approvalRule }),
      ...(patch.approvers !== undefined && { approvers: patch.approvers }),
      ...(patch.planRule !== undefined && { planRule: patch.planRule }),
      ...(patch.weight !== undefined && { weight: patch.weight }),
      ...(patch.intakeLabel !== undefined && { intakeLabel: patch.intakeLabel.trim() }),
      updatedAt: this.clock.now(),
    });
    await this.record(id);
    return updated;
  }

  /** Marks it so that the worker fetches and analyses it again. */
  async requestAnalysis(id: string): Promise<Repository> {
    await this.get(id);
    const patch = { status: 'pending', statusReason: null, updatedAt: this.clock.now() } as const;
    const updated = await this.repositories.update(id, patch);
    await this.record(id);
    return updated;
  }

  /** Deletes it with everything under it, unless an agent is at work there. */
  async remove(id: string): Promise<void> {
    await this.get(id);
    const busy = (await this.activeRuns(id)).find((run) => run.status !== 'queued');
    if (busy) throw new ConflictError(`run ${busy.number} is ${busy.status}; cancel it first`, { runId: busy.id });
    await this.delete(id);
  }

  /** Deletes the demo repositories with everything under them, whatever goes on there; answers how many there were. */
  async removeDemo(): Promise<number> {
    const query = { page: 1, perPage: 200, sort: 'createdAt', order: 'ASC' } as const;
    const { data } = await this.repositories.list({ ...query, filters: { demo: ['true'] } });
    for (const repository of data) await this.delete(repository.id);
    return data.length;
  }

  private async delete(id: string): Promise<void> {
    for (const run of await this.activeRuns(id)) await this.scheduling.requestCancel(run.id);
    await this.repositories.delete(id);
    await this.record(id);
    await this.mirrors.remove(id);
    await this.memory.forget(id);
  }

  private async activeRuns(repositoryId: string): Promise<Run[]> {
    const status = ['queued', 'running', 'waiting', 'interrupted'];
    const { data } = await this.runs.list({
      page: 1,
      perPage: 200,
      sort: 'createdAt',
      order: 'ASC',
      filters: { repositoryId: [repositoryId], status },
    });
    return data;
  }

  private async get(id: string): Promise<Repository> {
    const repository = await this.repositories.findById(id);
    if (!repository) throw new NotFoundError('repository', id);
    return repository;
  }

  private record(id: string): Promise<void> {
    return this.events.record({ type: 'repository', subjectId: id, repositoryId: id, taskId: null, runId: null });
  }
}

function checkPatch(patch: RepositoryPatch): FieldErrors {
  const errors = new FieldErrors();
  if (patch.name !== undefined) {
    const name = patch.name.trim();
    errors.check('name', name.length > 0 && name.length <= NAME_LIMIT, `must have 1 to ${NAME_LIMIT} characters`);
  }
  for (const field of ['setupCommand', 'testCommand', 'lintCommand', 'buildCommand'] as const) {
    const ok = (patch[field]?.length ?? 0) <= COMMAND_LIMIT;
    errors.check(field, ok, `must have at most ${COMMAND_LIMIT} characters`);
  }
  const label = patch.intakeLabel?.trim() ?? DEFAULT_LABEL;
  const labelFits = label.length > 0 && label.length <= LABEL_LIMIT && !label.includes(',');
  errors.check('intakeLabel', labelFits, `must have 1 to ${LABEL_LIMIT} characters and no comma`);
  const { weight = 1 } = patch;
  errors.check('weight', weight >= 1 && weight <= MAX_WEIGHT, `must be 1 to ${MAX_WEIGHT}`);
  return errors;
}
