import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  CheckRunRepository,
  Clock,
  codeSpan,
  CommentRepository,
  Forge,
  Ids,
  TaskRepository,
  type Change,
  type CheckRun,
  type Repository,
  type Task,
} from '@teko/domain';
import { TaskComments } from '@teko/platform';
import { FollowUps } from '@teko/scheduling';
import { handled, ignored, type Outcome } from './outcome';

const MAX_LOG_LENGTH = 8_000;
const MAX_COMMENTS = 200;

/** Tracks CI on Teko's pull requests: starts a run for new failures, re-runs flaky checks and reports failures that the base has too. */
@Injectable()
export class CheckRunIntake {
  constructor(
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(CheckRunRepository) private readonly results: CheckRunRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(FollowUps) private readonly followUps: FollowUps,
    @Inject(TaskComments) private readonly taskComments: TaskComments,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  async handle(repository: Repository, headCommit: string): Promise<Outcome> {
    const open = await this.changes.findWithOpenPullRequest(repository.id);
    const change = open.find((candidate) => candidate.headCommit === headCommit);
    const task = change && (await this.tasks.findById(change.taskId));
    if (!change || !task) return ignored('The commit is not the head of an open change of Teko.');
    const checks = await this.forge.checkRuns(repository, headCommit);
    const known = await this.results.findByCommit(repository.id, headCommit);
    for (const check of checks) await this.save(repository, change, check, known);
    if (checks.some(({ state }) => state === 'pending')) return ignored('CI is still running.');
    const failed = checks.filter(({ state }) => state === 'failed');
    if (failed.length === 0) return ignored('No check failed.');
    return this.handleFailures(repository, { change, task, failed });
  }

  private async handleFailures(
    repository: Repository,
    { change, task, failed }: { change: Change; task: Task; failed: CheckRun[] },
  ): Promise<Outcome> {
    const flaky = await this.results.findFlaky(repository.id);
    const failingOnBase = await this.failingOnBase(repository, change);
    const newFailures = failed.filter(({ name }) => !flaky.includes(name) && !failingOnBase.includes(name));
    if (newFailures.length > 0) return this.repair(repository, { change, task, newFailures });
    for (const check of failed.filter(({ name }) => flaky.includes(name)))
      await this.rerun(repository, change, task, check);
    const known = failed.filter(({ name }) => failingOnBase.includes(name)).map(({ name }) => name);
    if (known.length > 0)
      await this.post(task, change, `old:${known.join()}`, `Already failing before this change: ${list(known)}.`);
    return ignored(`Only known failures: ${list(failed.map(({ name }) => name))}.`);
  }

  private async repair(
    repository: Repository,
    { change, task, newFailures }: { change: Change; task: Task; newFailures: CheckRun[] },
  ): Promise<Outcome> {
    const names = newFailures.map(({ name }) => name);
    const logs: string[] = [];
    for (const check of newFailures) {
      const log = await this.forge.checkRunLog(repository, check);
      logs.push(
        `CI check ${check.name} failed on ${change.headCommit}. The end of its log:\n${log.slice(-MAX_LOG_LENGTH)}`,
      );
    }
    const run = await this.followUps.repair(change, logs.join('\n\n'));
    if (!run) return ignored(`CI failed (${list(names)}), but the task has an unfinished run or is finished.`);
    if (run !== 'exhausted') return handled(`CI failed (${list(names)}); run ${run.number} was started to fix it.`);
    await this.post(
      task,
      change,
      'given-up',
      `CI still fails: ${list(names)}. I have stopped trying to fix it; please take a look.`,
    );
    return ignored(`CI failed (${list(names)}) after the last automatic fix.`);
  }

  /** Returns the names of the checks that failed on the base commit. */
  private async failingOnBase(repository: Repository, { baseCommit }: Change): Promise<string[]> {
    const checks = await this.forge.checkRuns(repository, baseCommit);
    return checks.filter(({ state }) => state === 'failed').map(({ name }) => name);
  }

  /** Re-runs a flaky check, once per commit; a second failure is left to humans. */
  private async rerun(repository: Repository, change: Change, task: Task, check: CheckRun): Promise<void> {
    const topic = `flaky:${check.name}`;
    const posted = await this.comments.findLatest(task.id, MAX_COMMENTS);
    if (posted.some(({ idempotencyKey }) => idempotencyKey === keyOf(change, topic))) return;
    const isRerun = await this.forge.rerunCheck(repository, check);
    const next = isRerun ? 'I re-ran it.' : 'Please re-run it.';
    await this.post(task, change, topic, `${list([check.name])} is known to be flaky. ${next}`);
  }

  private async post(task: Task, change: Change, topic: string, body: string): Promise<void> {
    const target = { number: change.pullRequestNumber!, threadId: null };
    await this.taskComments.post(task, { body, key: keyOf(change, topic), runId: null, target });
  }

  private async save(
    { id: repositoryId }: Repository,
    { id: changeId }: Change,
    { id: externalId, name, headCommit, state, url, completedAt }: CheckRun,
    known: { externalId: string; state: string }[],
  ): Promise<void> {
    if (known.some((result) => result.externalId === externalId && result.state === state)) return;
    const updatedAt = this.clock.now();
    const result = { id: this.ids.next(), repositoryId, changeId, externalId, name, headCommit, state, url };
    await this.results.save({ ...result, completedAt, updatedAt });
  }
}

/** The idempotency key of a comment that is posted once per commit. */
function keyOf({ id, headCommit }: Change, topic: string): string {
  return `checks:${id}:${headCommit}:${topic}`.slice(0, 255);
}

function list(names: string[]): string {
  return names.map((name) => codeSpan(name)).join(', ');
}
