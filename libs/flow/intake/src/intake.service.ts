import { Inject, Injectable } from '@nestjs/common';
import type { EventType, TaskKind, TaskPriority, TaskSource } from '@teko/contracts';
import {
  canMoveTask,
  ChangeRepository,
  Clock,
  CommentLinkRepository,
  CommentRepository,
  ConflictError,
  DomainError,
  Ids,
  IllegalTransitionError,
  isFinal,
  NotFoundError,
  RepositoryRepository,
  RunRepository,
  TaskRepository,
  type Comment,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { Events } from '@teko/platform';
import { SchedulingService, waitsForTasks } from '@teko/scheduling';
import {
  checkBranch,
  checkDescription,
  checkForeignSourceKey,
  checkKind,
  checkPriority,
  checkSourceKey,
  checkTitle,
  FieldErrors,
} from './task-rules';

const MAX_COMMENT_LENGTH = 20_000;
const MAX_BLOCKERS = 50;

/** The user who requests an operation; `id` is null for external users without a Teko account. */
export interface Actor {
  id: string | null;
  name: string;
}

export interface NewTask {
  repositoryId: string;
  kind: TaskKind;
  title: string;
  description?: string;
  priority?: TaskPriority;
  baseBranch?: string | null;
  changeId?: string | null;
  allowTestChanges?: boolean;
  isBug?: boolean;
  /** Tasks that must be done before this one starts. */
  blockedBy?: string[] | null;
  source?: TaskSource;
  /** Unique in the repository; defaults to `form:<uuid>`. */
  sourceKey?: string;
  sourceUrl?: string | null;
  issueNumber?: number | null;
  requestedBy?: string | null;
  triggerKey?: string | null;
  planFirst?: boolean;
}

export type TaskPatch = Partial<
  Pick<Task, 'title' | 'description' | 'priority' | 'baseBranch' | 'allowTestChanges' | 'isBug' | 'blockedBy'>
>;

export interface NewComment {
  body: string;
}

/** Validates and stores tasks and comments, and records the changes in the event log. */
@Injectable()
export class IntakeService {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Creates a task. Throws InvalidError by field, or ConflictError with `taskId` if the source key is taken. */
  async createTask(input: NewTask, actor: Actor): Promise<Task> {
    const id = this.ids.next();
    const now = this.clock.now();
    const repository = await this.repositories.findById(input.repositoryId);
    const task: Omit<Task, 'number'> = {
      id,
      repositoryId: input.repositoryId,
      kind: input.kind,
      title: input.title.trim(),
      description: input.description ?? '',
      priority: input.priority ?? 'normal',
      status: 'new',
      statusReason: null,
      source: input.source ?? 'form',
      sourceKey: input.sourceKey?.trim() ?? `form:${id}`,
      sourceUrl: input.sourceUrl ?? null,
      issueNumber: input.issueNumber ?? null,
      requestedBy: input.requestedBy ?? null,
      triggerKey: input.triggerKey ?? null,
      planFirst: input.planFirst ?? false,
      baseBranch: input.baseBranch || null,
      changeId: input.changeId || null,
      allowTestChanges: input.allowTestChanges ?? false,
      isBug: input.isBug ?? false,
      blockedBy: uniqueOrNull(input.blockedBy),
      demo: repository?.demo ?? false,
      createdById: actor.id,
      createdAt: now,
      updatedAt: now,
    };
    await this.validate(task, repository);
    const existing = await this.tasks.findBySourceKey(task.repositoryId, task.sourceKey);
    if (existing)
      throw new ConflictError(`task ${existing.number} already exists for this source key`, { taskId: existing.id });
    const stored = await this.tasks.insert(task);
    await this.record('task', stored.id, stored);
    return stored;
  }

  /** Updates a task. Throws ConflictError if it is running, InvalidError by field. */
  async updateTask(id: string, patch: TaskPatch): Promise<Task> {
    const task = await this.findOrThrow(id);
    if (task.status === 'running') {
      throw new ConflictError(`task ${task.number} is running; cancel it first or wait until it ends`, { taskId: id });
    }
    const errors = new FieldErrors();
    if (patch.title !== undefined) checkTitle(errors, patch.title);
    if (patch.description !== undefined) checkDescription(errors, patch.description);
    if (patch.priority !== undefined) checkPriority(errors, patch.priority);
    if (patch.baseBranch) checkBranch(errors, patch.baseBranch);
    if (patch.blockedBy) await this.checkBlockers(errors, task, patch.blockedBy);
    const addsBlockers = patch.blockedBy?.some((blocker) => !task.blockedBy?.includes(blocker));
    if (addsBlockers) await this.checkNotStarted(errors, id);
    errors.throwIfAny();
    const { title, description, priority, baseBranch, allowTestChanges, isBug, blockedBy } = patch;
    const updated = await this.tasks.update(id, {
      ...(title !== undefined && { title: title.trim() }),
      ...(description !== undefined && { description }),
      ...(priority !== undefined && { priority }),
      ...(baseBranch !== undefined && { baseBranch: baseBranch || null }),
      ...(allowTestChanges !== undefined && { allowTestChanges }),
      ...(isBug !== undefined && { isBug }),
      ...(blockedBy !== undefined && { blockedBy: uniqueOrNull(blockedBy) }),
      updatedAt: this.clock.now(),
    });
    // The task may no longer be blocked, so it is scheduled again.
    if (blockedBy !== undefined && task.status === 'blocked' && waitsForTasks(task))
      await this.tasks.transition(id, 'blocked', 'new', null);
    await this.record('task', id, updated);
    return this.findOrThrow(id);
  }

  /** Cancels a task and its unfinished runs. A running run ends as soon as its worker sees the request. */
  async cancelTask(id: string, actor: Actor): Promise<Task> {
    const task = await this.findOrThrow(id);
    const active = await this.activeRuns(id);
    if (active.length === 0 && !canMoveTask(task.status, 'cancelled')) {
      throw new IllegalTransitionError('task', task.status, 'cancelled');
    }
    for (const run of active) await this.scheduling.requestCancel(run.id);
    const current = await this.findOrThrow(id);
    const stillActive = await this.activeRuns(id);
    if (stillActive.length === 0 && canMoveTask(current.status, 'cancelled')) {
      await this.tasks.transition(id, current.status, 'cancelled', `Cancelled by ${actor.name}.`);
      await this.record('task', id, current);
    }
    return this.findOrThrow(id);
  }

  /** Marks a task as done, for example when its change was merged elsewhere. Throws ConflictError if a run is unfinished. */
  async completeTask(id: string, actor: Actor): Promise<Task> {
    const task = await this.findOrThrow(id);
    const [active] = await this.activeRuns(id);
    if (active) throw new ConflictError(`run ${active.number} of this task is ${active.status}`, { runId: active.id });
    if (!canMoveTask(task.status, 'done')) throw new IllegalTransitionError('task', task.status, 'done');
    await this.tasks.transition(id, task.status, 'done', `Marked as done by ${actor.name}.`);
    await this.record('task', id, task);
    return this.findOrThrow(id);
  }

  /** Deletes a task with all its runs. Throws ConflictError if a run is unfinished. */
  async deleteTask(id: string): Promise<void> {
    const task = await this.findOrThrow(id);
    const [active] = await this.activeRuns(id);
    if (active) {
      throw new ConflictError(`run ${active.number} of this task is ${active.status}; cancel it first`, {
        runId: active.id,
      });
    }
    await this.tasks.delete(id);
    await this.record('task', id, task);
  }

  /** Adds a comment. If the task waits for an answer, its run resumes. */
  async addComment(taskId: string, input: NewComment, actor: Actor): Promise<Comment> {
    const task = await this.findOrThrow(taskId);
    checkBody(input.body);
    const now = this.clock.now();
    const comment = await this.comments.insert({
      id: this.ids.next(),
      taskId,
      runId: null,
      author: actor.name,
      authorKind: 'user',
      authorId: actor.id,
      trusted: true,
      body: input.body,
      idempotencyKey: null,
      deletedAt: null,
      createdAt: now,
      updatedAt: now,
    });
    await this.record('comment', comment.id, task);
    await this.resumeWaitingRuns(task);
    return comment;
  }

  /** Edits a comment, also on the forge. Throws `forbidden` unless the actor wrote it in Teko. */
  async editComment(id: string, { body }: NewComment, actor: Actor): Promise<Comment> {
    const { comment, task } = await this.requireOwnComment(id, actor);
    checkBody(body);
    if (comment.body === body) return comment;
    const edited = await this.comments.update(id, { body, updatedAt: this.clock.now() });
    await this.record('comment', id, task);
    return edited;
  }

  /** Clears a comment and marks it as deleted, and deletes it on the forge. Throws `forbidden` unless the actor wrote it in Teko. */
  async deleteComment(id: string, actor: Actor): Promise<Comment> {
    const { task } = await this.requireOwnComment(id, actor);
    const now = this.clock.now();
    const deleted = await this.comments.update(id, { body: '', deletedAt: now, updatedAt: now });
    await this.record('comment', id, task);
    return deleted;
  }

  private async requireOwnComment(id: string, actor: Actor): Promise<{ comment: Comment; task: Task }> {
    const comment = await this.comments.findById(id);
    if (!comment) throw new NotFoundError('comment', id);
    const link = await this.links.findByComment(id);
    if (comment.authorId === null || comment.authorId !== actor.id || link?.origin === 'external')
      throw new DomainError('forbidden', 'Only the author of a comment can change it, and only where it was written.');
    if (comment.deletedAt) throw new ConflictError('this comment was deleted');
    return { comment, task: await this.findOrThrow(comment.taskId) };
  }

  /** Resumes the runs of a task that wait for an answer. */
  async resumeWaitingRuns(task: Task): Promise<void> {
    if (task.status !== 'needs_input') return;
    const waiting = (await this.activeRuns(task.id)).filter(
      ({ status, resumeAt }) => status === 'waiting' && !resumeAt,
    );
    for (const run of waiting) await this.scheduling.resume(run.id);
  }

  private async validate(task: Omit<Task, 'number'>, repository: Repository | null): Promise<void> {
    const errors = new FieldErrors();
    checkTitle(errors, task.title);
    checkDescription(errors, task.description);
    checkKind(errors, task.kind);
    checkPriority(errors, task.priority);
    checkBranch(errors, task.baseBranch);
    checkSourceKey(errors, task.sourceKey);
    if (task.source === 'api') checkForeignSourceKey(errors, task.sourceKey);
    errors.check('repositoryId', repository !== null, 'no such repository');
    await this.checkBlockers(errors, task, task.blockedBy ?? []);
    if (task.kind === 'review') {
      const change = task.changeId ? await this.changes.findById(task.changeId) : null;
      errors.check('changeId', task.changeId !== null, 'is required for a review');
      errors.check('changeId', change?.repositoryId === task.repositoryId, 'no such change in this repository');
    } else {
      errors.check('changeId', task.changeId === null, 'is only allowed for a review');
    }
    errors.throwIfAny();
  }

  /** Checks that all blockers are in the same repository, which hides tasks of others, and that there is no cycle. */
  private async checkBlockers(errors: FieldErrors, task: Omit<Task, 'number'>, blockers: string[]): Promise<void> {
    errors.check('blockedBy', blockers.length <= MAX_BLOCKERS, `must have at most ${MAX_BLOCKERS} tasks`);
    const seen = new Set<string>();
    for (const open = blockers.slice(0, MAX_BLOCKERS); open.length > 0;) {
      const id = open.pop()!;
      if (seen.has(id)) continue;
      seen.add(id);
      const blocker = await this.tasks.findById(id);
      const isInRepository = blocker?.repositoryId === task.repositoryId;
      errors.check(
        'blockedBy',
        isInRepository || !blockers.includes(id),
        'contains a task that this repository does not have',
      );
      errors.check('blockedBy', id !== task.id, 'must not contain a cycle of tasks');
      open.push(...(blocker?.blockedBy ?? []));
    }
  }

  private async checkNotStarted(errors: FieldErrors, taskId: string): Promise<void> {
    const [active] = await this.activeRuns(taskId);
    errors.check(
      'blockedBy',
      !active,
      `run ${active?.number} of this task is already ${active?.status}; cancel it first`,
    );
  }

  private async findOrThrow(id: string): Promise<Task> {
    const task = await this.tasks.findById(id);
    if (!task) throw new NotFoundError('task', id);
    return task;
  }

  private async activeRuns(taskId: string): Promise<Run[]> {
    return (await this.runs.findByTask(taskId)).filter((run) => !isFinal(run.status));
  }

  private record(type: EventType, subjectId: string, task: Task): Promise<void> {
    return this.events.record({ type, subjectId, taskId: task.id, repositoryId: task.repositoryId, runId: null });
  }
}

function checkBody(body: string): void {
  const errors = new FieldErrors();
  errors.check('body', body.trim().length > 0, 'must not be empty');
  errors.check('body', body.length <= MAX_COMMENT_LENGTH, `must have at most ${MAX_COMMENT_LENGTH} characters`);
  errors.throwIfAny();
}

function uniqueOrNull(ids: string[] | null | undefined): string[] | null {
  return ids && ids.length > 0 ? [...new Set(ids)] : null;
}
