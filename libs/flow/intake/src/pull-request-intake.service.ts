import { Inject, Injectable } from '@nestjs/common';
import {
  canMoveTask,
  ChangeRepository,
  Clock,
  codeSpan,
  Forge,
  isFinal,
  RunRepository,
  TaskRepository,
  Tracker,
  type Change,
  type PullRequest,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { Events, TaskComments } from '@teko/platform';
import { SchedulingService } from '@teko/scheduling';
import { handled, ignored, type Outcome } from './outcome';

/** Tracks the pull requests that Teko opened until they are merged or closed, and ignores all others. */
@Injectable()
export class PullRequestIntake {
  constructor(
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(TaskComments) private readonly comments: TaskComments,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Events) private readonly events: Events,
  ) {}

  /** Fetches the current state of the pull request, because the event may be outdated. */
  async handle(repository: Repository, number: number): Promise<Outcome> {
    const change = await this.changes.findByPullRequest(repository.id, number);
    if (!change) return ignored('The pull request was not opened by Teko.');
    const pullRequest = await this.forge.pullRequest(repository, number);
    if (!pullRequest) return ignored('The pull request was not found.');
    const task = await this.tasks.findById(change.taskId);
    const status = pullRequest.isMerged
      ? 'merged'
      : !pullRequest.isOpen
        ? 'closed'
        : pullRequest.isDraft
          ? 'draft'
          : 'open';
    const isChanged = change.status !== status || change.headCommit !== pullRequest.headCommit;
    if (isChanged) await this.store(change, { status, headCommit: pullRequest.headCommit });
    if (!task) return ignored('The task was deleted.');
    if (pullRequest.isMerged) return this.merged(repository, change, task);
    if (!pullRequest.isOpen) return this.closed(change, task);
    await this.reportConflict(change, task, pullRequest);
    return isChanged
      ? handled(`Change ${change.number} was updated from the pull request.`)
      : ignored('Already up to date.');
  }

  /** Completes the task and closes its issue, which the forge does only for merges into the default branch. */
  private async merged(repository: Repository, change: Change, task: Task): Promise<Outcome> {
    await this.cancelRuns(await this.activeRuns(task));
    const current = (await this.tasks.findById(task.id))!;
    if (task.issueNumber && task.issueNumber !== change.pullRequestNumber) {
      const issue = await this.tracker.issue(repository, task.issueNumber);
      if (issue?.isOpen && !issue.isPullRequest) await this.tracker.closeIssue(repository, issue.number);
    }
    return this.move(current, 'done', `Pull request ${change.pullRequestNumber} was merged.`);
  }

  /** Cancels the runs on this branch. Cancels the task too, unless it has another open change or a run that started from scratch. */
  private async closed(change: Change, task: Task): Promise<Outcome> {
    const active = await this.activeRuns(task);
    const own = active.filter(({ origin }) => origin?.basedOn?.branch === change.branch);
    await this.cancelRuns(own);
    if (own.length < active.length || (await this.changes.findOpenByTask(task.id)))
      return ignored(`Task ${task.number} continues with other work.`);
    const current = (await this.tasks.findById(task.id))!;
    return this.move(current, 'cancelled', `Pull request ${change.pullRequestNumber} was closed without being merged.`);
  }

  private async move(task: Task, to: 'done' | 'cancelled', reason: string): Promise<Outcome> {
    if (task.status === to || !canMoveTask(task.status, to)) return ignored('Already up to date.');
    await this.tasks.transition(task.id, task.status, to, reason);
    await this.events.record({
      type: 'task',
      subjectId: task.id,
      taskId: task.id,
      repositoryId: task.repositoryId,
      runId: null,
    });
    return handled(reason);
  }

  private async activeRuns(task: Task): Promise<Run[]> {
    return (await this.runs.findByTask(task.id)).filter(({ status }) => !isFinal(status));
  }

  private async cancelRuns(runs: Run[]): Promise<void> {
    for (const { id } of runs) await this.scheduling.requestCancel(id);
  }

  /** Comments on a merge conflict, once per head commit. */
  private async reportConflict(change: Change, task: Task, pullRequest: PullRequest): Promise<void> {
    if (pullRequest.isMergeable !== false) return;
    await this.comments.post(task, {
      body: `This branch now conflicts with ${codeSpan(pullRequest.baseBranch)}. Update the branch, or comment \`@teko retry\` on the issue to start again from the current ${codeSpan(pullRequest.baseBranch)}.`,
      key: `conflict:${change.id}:${pullRequest.headCommit}`,
      runId: null,
      target: { number: pullRequest.number, threadId: null },
    });
  }

  private async store(change: Change, patch: Pick<Change, 'status' | 'headCommit'>): Promise<void> {
    await this.changes.update(change.id, { ...patch, updatedAt: this.clock.now() });
    const { id: subjectId, repositoryId, taskId, runId } = change;
    await this.events.record({ type: 'change', subjectId, repositoryId, taskId, runId });
  }
}
