import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  Clock,
  CommentRepository,
  DomainError,
  EffectRepository,
  Forge,
  GitMirrors,
  Ids,
  isOwnOutage,
  questionKey,
  UnavailableError,
  type Change,
  type Effect,
  type Finding,
  type GateReport,
  type ResumeNote,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { AuditLog, Events } from '@teko/platform';
import { Requester } from './requester.service';
import { branchName, changeBody, deliveredComment, reportComment } from './templates';

/** A commit that is to go on a branch. */
export interface Work {
  run: Run;
  task: Task;
  repository: Repository;
  headCommit: string;
  /** Unfinished work that it stands on: its branch is moved on. */
  continued: ResumeNote | null;
}

export interface ProvenResult extends Work {
  gate: GateReport;
  title: string;
  summary: string;
}

/** Throws where the caller has lost the right to act for the run. */
type Fence = () => Promise<void>;

/** Gives results back: branch, change request and comment, each an effect that happens once however often it is asked for. */
@Injectable()
export class FeedbackService {
  constructor(
    @Inject(Forge) private readonly forge: Forge,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(EffectRepository) private readonly effects: EffectRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
    @Inject(Events) private readonly events: Events,
    @Inject(Requester) private readonly requester: Requester,
    @Inject(AuditLog) private readonly log: AuditLog,
  ) {}

  /** Pushes the branch, opens the change and says so on the task. Throws `forbidden` where the requester may not any more. */
  async deliver(result: ProvenResult, fence: Fence): Promise<void> {
    const { run, task, repository } = result;
    await this.requester.requireRight(task, run, repository);
    const branch = await this.push(result, fence);
    const change = await this.openChange(result, branch, fence);
    const body = deliveredComment({ run, branch, changeNumber: change.number, gate: result.gate });
    await this.comment(run, task, body, fence);
  }

  /** Puts unfinished work on the run's branch. Throws `forbidden` where the requester may not any more. */
  async keep(work: Work, fence: Fence): Promise<string> {
    await this.requester.requireRight(work.task, work.run, work.repository);
    return this.push(work, fence);
  }

  /** Asks who wanted the work, on the task; a second time for the same `id` it does nothing. */
  async ask({ run, task, question, id }: { run: Run; task: Task; question: string; id: string }, fence: Fence) {
    await this.comment(run, task, question, fence, 'question', questionKey(run.id, id));
  }

  /** Says on the task how a run ended that has no change to give. */
  async report({ run, task, findings }: { run: Run; task: Task; findings?: Finding[] }, fence: Fence): Promise<void> {
    await this.comment(run, task, reportComment(run, findings), fence);
  }

  private async push(work: Work, fence: Fence): Promise<string> {
    const { run, repository, headCommit } = work;
    const { branch, expected } = await this.branchOf(work);
    await this.once(run, fence, 'push', { branch, headCommit }, async () => {
      await this.forge.pushBranch(repository, branch, headCommit, expected);
      return { branch, commit: await this.forge.branchCommit(repository, branch) };
    });
    return branch;
  }

  /** The task's branch; a second run of the task that found another result gets a name of its own. */
  private async branchOf({ run, task, repository, headCommit, continued }: Work) {
    if (continued?.branch) {
      const now = await this.forge.branchCommit(repository, continued.branch);
      if (now === continued.headCommit || now === headCommit) return { branch: continued.branch, expected: now };
    }
    const branch = branchName(task);
    const taken = await this.forge.branchCommit(repository, branch);
    return { branch: taken === null || taken === headCommit ? branch : `${branch}-${run.number}`, expected: null };
  }

  private async openChange(result: ProvenResult, branch: string, fence: Fence): Promise<Change> {
    const { run, task, repository, headCommit } = result;
    const base = run.baseCommit ?? '';
    const { files } = await this.mirrors.diff(repository.id, base, headCommit);
    const now = this.clock.now();
    let change: Change | null = null;
    await this.once(run, fence, 'change', { branch, headCommit }, async () => {
      change = await this.changes.insert({
        id: this.ids.next(),
        repositoryId: repository.id,
        taskId: task.id,
        runId: run.id,
        title: result.title.trim() || task.title,
        body: changeBody(result),
        branch,
        baseBranch: run.baseBranch ?? repository.defaultBranch ?? '',
        baseCommit: base,
        headCommit,
        status: 'open',
        filesChanged: files.length,
        additions: files.reduce((sum, file) => sum + file.additions, 0),
        deletions: files.reduce((sum, file) => sum + file.deletions, 0),
        demo: run.demo,
        createdAt: now,
        updatedAt: now,
      });
      return { changeId: change.id, number: change.number };
    });
    change ??= await this.changes.findByRun(run.id);
    if (!change) throw new UnavailableError('database', `the change of run ${run.number} cannot be found again`);
    await this.events.record({
      type: 'change',
      subjectId: change.id,
      repositoryId: repository.id,
      taskId: task.id,
      runId: run.id,
    });
    return change;
  }

  private async comment(
    run: Run,
    task: Task,
    body: string,
    fence: Fence,
    kind: 'comment' | 'question' = 'comment',
    key = keyOf(run, kind),
  ): Promise<void> {
    await this.once(run, fence, kind, { taskId: task.id }, () => this.write(run, task, body, key), key);
  }

  private async write(run: Run, task: Task, body: string, key: string): Promise<Record<string, unknown>> {
    const now = this.clock.now();
    const comment = await this.comments.insert({
      id: this.ids.next(),
      taskId: task.id,
      runId: run.id,
      author: 'Teko',
      authorKind: 'teko',
      body,
      idempotencyKey: key,
      createdAt: now,
      updatedAt: now,
    });
    await this.events.record({
      type: 'comment',
      subjectId: comment.id,
      repositoryId: task.repositoryId,
      taskId: task.id,
      runId: null,
    });
    return { commentId: comment.id };
  }

  /** Does nothing for a worker that has lost the run: `fence` throws before anything is written. */
  private async once(
    run: Run,
    fence: Fence,
    kind: Effect['kind'],
    request: Record<string, unknown>,
    act: () => Promise<Record<string, unknown>>,
    key = keyOf(run, kind),
  ): Promise<void> {
    const now = this.clock.now();
    const intent: Effect = {
      id: this.ids.next(),
      key,
      runId: run.id,
      kind,
      status: 'intent',
      request,
      answer: null,
      error: null,
      createdAt: now,
      updatedAt: now,
    };
    await fence();
    const effect = await this.effects.begin(intent);
    if (effect.status === 'done') return;
    try {
      const answer = await act();
      await this.note(run, kind, { ...request, ...answer });
      await this.effects.finish(effect.id, { status: 'done', answer, error: null, updatedAt: this.clock.now() });
    } catch (error) {
      // A database that broke off says nothing about the effect: it stays an intent, and is looked up again.
      if (isOwnOutage(error)) throw error;
      const { message } = error as Error;
      await this.effects.finish(effect.id, {
        status: 'failed',
        answer: null,
        error: message,
        updatedAt: this.clock.now(),
      });
      const refusal = error instanceof DomainError && !(error instanceof UnavailableError);
      throw refusal ? error : new UnavailableError('forge', message);
    }
  }

  private async note(run: Run, kind: Effect['kind'], after: Record<string, unknown>): Promise<void> {
    await this.log.record({
      actorName: 'Teko',
      action: `effects.${kind}`,
      subjectType: 'Run',
      subjectId: run.id,
      repositoryId: run.repositoryId,
      after,
    });
  }
}

function keyOf({ id }: Run, kind: Effect['kind']): string {
  return `run:${id}:${kind}`;
}
