import { Inject, Injectable } from '@nestjs/common';
import {
  canMoveTask,
  ChangeRepository,
  Clock,
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
import { done, nothing, type Outcome } from './outcome';

/** Follows Teko's own pull requests to their end. Other people's are none of its business. */
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

  /** Looks at the pull request as it is now: what told of it may be old. */
  async handle(repository: Repository, number: number): Promise<Outcome> {
    const change = await this.changes.findByPullRequest(repository.id, number);
    if (!change) return nothing('It is no pull request of Teko.');
    const pullRequest = await this.forge.pullRequest(repository, number);
    if (!pullRequest) return nothing('The pull request is gone.');
    const task = await this.tasks.findById(change.taskId);
    const status = pullRequest.isMerged
      ? 'merged'
      : !pullRequest.isOpen
        ? 'closed'
        : pullRequest.isDraft
          ? 'draft'
          : 'open';
    const isNew = change.status !== status || change.headCommit !== pullRequest.headCommit;
    if (isNew) await this.store(change, { status, headCommit: pullRequest.headCommit });
    if (!task) return nothing('Its task is gone.');
    if (pullRequest.isMerged) return this.merged(repository, change, task);
    if (!pullRequest.isOpen) return this.closed(change, task);
    await this.sayConflict(change, task, pullRequest);
    return isNew ? done(`Change ${change.number} is as the pull request is.`) : nothing('It was known.');
  }

  /** The issue is closed here too: the forge does that only for its default branch. */
  private async merged(repository: Repository, change: Change, task: Task): Promise<Outcome> {
    await this.endRuns(await this.activeRuns(task));
    const now = (await this.tasks.findById(task.id))!;
    if (task.issueNumber && task.issueNumber !== change.pullRequestNumber) {
      const issue = await this.tracker.issue(repository, task.issueNumber);
      if (issue?.isOpen && !issue.isPullRequest) await this.tracker.closeIssue(repository, issue.number);
    }
    return this.move(now, 'done', `Pull request ${change.pullRequestNumber} was merged.`);
  }

  /** Ends what works on it. Another change of the task, and a run that begins afresh, go on. */
  private async closed(change: Change, task: Task): Promise<Outcome> {
    const active = await this.activeRuns(task);
    const own = active.filter(({ origin }) => origin?.basedOn?.branch === change.branch);
    await this.endRuns(own);
    if (own.length < active.length || (await this.changes.findOpenByTask(task.id)))
      return nothing(`Task ${task.number} goes on with other work.`);
    const now = (await this.tasks.findById(task.id))!;
    return this.move(now, 'cancelled', `Pull request ${change.pullRequestNumber} was closed without a merge.`);
  }

  private async move(task: Task, to: 'done' | 'cancelled', reason: string): Promise<Outcome> {
    if (task.status === to || !canMoveTask(task.status, to)) return nothing('It was known.');
    await this.tasks.transition(task.id, task.status, to, reason);
    await this.events.record({
      type: 'task',
      subjectId: task.id,
      taskId: task.id,
      repositoryId: task.repositoryId,
      runId: null,
    });
    return done(reason);
  }

  private async activeRuns(task: Task): Promise<Run[]> {
    return (await this.runs.findByTask(task.id)).filter(({ status }) => !isFinal(status));
  }

  private async endRuns(runs: Run[]): Promise<void> {
    for (const { id } of runs) await this.scheduling.requestCancel(id);
  }

  /** Once for each commit that is in conflict. */
  private async sayConflict(change: Change, task: Task, pullRequest: PullRequest): Promise<void> {
    if (pullRequest.isMergeable !== false) return;
    await this.comments.post(task, {
      body: `This is in conflict with \`${pullRequest.baseBranch}\` by now. Bring the branch up to date, or write \`@teko retry\` on the issue for a fresh start from there.`,
      key: `conflict:${change.id}:${pullRequest.headCommit}`,
      runId: null,
      place: { number: pullRequest.number, threadId: null },
    });
  }

  private async store(change: Change, patch: Pick<Change, 'status' | 'headCommit'>): Promise<void> {
    await this.changes.update(change.id, { ...patch, updatedAt: this.clock.now() });
    const { id: subjectId, repositoryId, taskId, runId } = change;
    await this.events.record({ type: 'change', subjectId, repositoryId, taskId, runId });
  }
}
