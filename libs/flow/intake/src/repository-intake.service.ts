import { Inject, Injectable } from '@nestjs/common';
import type { ApprovalRule, Approvers, PlanRule, UnprovenRule } from '@teko/contracts';
import {
  Clock,
  ConflictError,
  GitMirrors,
  Ids,
  Memory,
  NotFoundError,
  preapprovedPathsError,
  RepositoryRepository,
  RunRepository,
  type Repository,
  type Run,
} from '@teko/domain';
import { afterCommit, Events } from '@teko/platform';
import { SchedulingService } from '@teko/scheduling';
import { FieldErrors } from './task-rules';

const MAX_NAME_LENGTH = 200;
const MAX_URL_LENGTH = 500;
const MAX_COMMAND_LENGTH = 2000;
const MAX_WEIGHT = 100;
const MAX_LABEL_LENGTH = 50;
const DEFAULT_LABEL = 'teko';

export interface RepositoryPatch {
  name?: string;
  setupCommand?: string | null;
  testCommand?: string | null;
  lintCommand?: string | null;
  buildCommand?: string | null;
  approvalRule?: ApprovalRule;
  preapprovedPaths?: string[] | null;
  unprovenRule?: UnprovenRule;
  approvers?: Approvers;
  planRule?: PlanRule;
  weight?: number;
  intakeLabel?: string;
}

/** Where a repository comes from and what is known about it there. */
export type RepositorySource = Pick<
  Repository,
  'url' | 'forge' | 'forgeId' | 'forgeName' | 'defaultBranch' | 'archived'
>;

export interface NewRepository extends RepositoryPatch {
  name: string;
  url: string;
}

/** Adds, updates and removes managed repositories. The worker fetches and analyses those with status `pending`. */
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

  /** Adds a repository by URL. Throws InvalidError by field, or ConflictError with `repositoryId` if the URL is taken. */
  async add(input: NewRepository): Promise<Repository> {
    const url = input.url.trim();
    const errors = checkPatch(input);
    errors.check('url', url.length > 0 && url.length <= MAX_URL_LENGTH, `must have 1 to ${MAX_URL_LENGTH} characters`);
    errors.throwIfAny();
    await this.mirrors.checkUrl(url);
    const existing = await this.repositories.findByUrl(url);
    if (existing)
      throw new ConflictError(`repository ${existing.name} already has this URL`, { repositoryId: existing.id });
    const source = { url, forgeId: null, forgeName: null, defaultBranch: null, archived: false };
    return this.store({ ...source, forge: 'local' }, input);
  }

  /** Stores a repository whose source was already checked. Throws InvalidError by field. */
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
      preapprovedPaths: pathsOf(input.preapprovedPaths),
      unprovenRule: input.unprovenRule ?? 'keep_branch',
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
    await this.findOrThrow(id);
    checkPatch(patch).throwIfAny();
    const updated = await this.repositories.update(id, {
      ...(patch.name !== undefined && { name: patch.name.trim() }),
      ...(patch.setupCommand !== undefined && { setupCommand: patch.setupCommand || null }),
      ...(patch.testCommand !== undefined && { testCommand: patch.testCommand || null }),
      ...(patch.lintCommand !== undefined && { lintCommand: patch.lintCommand || null }),
      ...(patch.buildCommand !== undefined && { buildCommand: patch.buildCommand || null }),
      ...(patch.approvalRule !== undefined && { approvalRule: patch.approvalRule }),
      ...(patch.preapprovedPaths !== undefined && { preapprovedPaths: pathsOf(patch.preapprovedPaths) }),
      ...(patch.unprovenRule !== undefined && { unprovenRule: patch.unprovenRule }),
      ...(patch.approvers !== undefined && { approvers: patch.approvers }),
      ...(patch.planRule !== undefined && { planRule: patch.planRule }),
      ...(patch.weight !== undefined && { weight: patch.weight }),
      ...(patch.intakeLabel !== undefined && { intakeLabel: patch.intakeLabel.trim() }),
      updatedAt: this.clock.now(),
    });
    await this.record(id);
    return updated;
  }

  /** Sets the status to `pending`, so that the worker fetches and analyses the repository again. */
  async requestAnalysis(id: string): Promise<Repository> {
    await this.findOrThrow(id);
    const patch = { status: 'pending', statusReason: null, updatedAt: this.clock.now() } as const;
    const updated = await this.repositories.update(id, patch);
    await this.record(id);
    return updated;
  }

  /** Deletes a repository and everything that belongs to it. Throws ConflictError if a run has started. */
  async remove(id: string): Promise<void> {
    await this.findOrThrow(id);
    const busy = (await this.activeRuns(id)).find((run) => run.status !== 'queued');
    if (busy) throw new ConflictError(`run ${busy.number} is ${busy.status}; cancel it first`, { runId: busy.id });
    await this.delete(id);
  }

  /** Deletes the demo repositories and cancels their runs. Returns the number of repositories. */
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
    await afterCommit(async () => {
      await this.mirrors.remove(id);
      await this.memory.forget(id);
    });
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

  private async findOrThrow(id: string): Promise<Repository> {
    const repository = await this.repositories.findById(id);
    if (!repository) throw new NotFoundError('repository', id);
    return repository;
  }

  private record(id: string): Promise<void> {
    return this.events.record({ type: 'repository', subjectId: id, repositoryId: id, taskId: null, runId: null });
  }
}

/** Returns each pattern once, or null if there are none. */
function pathsOf(patterns: string[] | null | undefined): string[] | null {
  return patterns?.length ? [...new Set(patterns)] : null;
}

function checkPatch(patch: RepositoryPatch): FieldErrors {
  const errors = new FieldErrors();
  if (patch.name !== undefined) {
    const name = patch.name.trim();
    errors.check(
      'name',
      name.length > 0 && name.length <= MAX_NAME_LENGTH,
      `must have 1 to ${MAX_NAME_LENGTH} characters`,
    );
  }
  for (const field of ['setupCommand', 'testCommand', 'lintCommand', 'buildCommand'] as const) {
    const ok = (patch[field]?.length ?? 0) <= MAX_COMMAND_LENGTH;
    errors.check(field, ok, `must have at most ${MAX_COMMAND_LENGTH} characters`);
  }
  const label = patch.intakeLabel?.trim() ?? DEFAULT_LABEL;
  const isValidLabel = label.length > 0 && label.length <= MAX_LABEL_LENGTH && !label.includes(',');
  errors.check('intakeLabel', isValidLabel, `must have 1 to ${MAX_LABEL_LENGTH} characters and no comma`);
  const pathsError = preapprovedPathsError(patch.preapprovedPaths ?? []);
  errors.check('preapprovedPaths', pathsError === null, pathsError ?? '');
  const { weight = 1 } = patch;
  errors.check('weight', weight >= 1 && weight <= MAX_WEIGHT, `must be 1 to ${MAX_WEIGHT}`);
  return errors;
}
