import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  CheckRunRepository,
  Clock,
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
import { done, nothing, type Outcome } from './outcome';

const LOG_SHOWN = 8_000;
const MAX_COMMENTS = 200;

/** Follows CI on Teko's pull requests: a new failure is mended, a known one is told apart. */
@Injectable()
export class CheckRunIntake {
  constructor(
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(CheckRunRepository) private readonly results: CheckRunRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(FollowUps) private readonly followUps: FollowUps,
    @Inject(TaskComments) private readonly voice: TaskComments,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  async handle(repository: Repository, headCommit: string): Promise<Outcome> {
    const open = await this.changes.findWithOpenPullRequest(repository.id);
    const change = open.find((one) => one.headCommit === headCommit);
    const task = change && (await this.tasks.findById(change.taskId));
    if (!change || !task) return nothing('It is not the head of an open change of Teko.');
    const checks = await this.forge.checkRuns(repository, headCommit);
    const known = await this.results.findByCommit(repository.id, headCommit);
    for (const check of checks) await this.save(repository, change, check, known);
    if (checks.some(({ state }) => state === 'pending')) return nothing('CI is not done yet.');
    const failed = checks.filter(({ state }) => state === 'failed');
    if (failed.length === 0) return nothing('Nothing failed.');
    return this.judge(repository, { change, task, failed });
  }

  private async judge(
    repository: Repository,
    { change, task, failed }: { change: Change; task: Task; failed: CheckRun[] },
  ): Promise<Outcome> {
    const flaky = await this.results.findFlaky(repository.id);
    const before = await this.failingBefore(repository, change);
    const fresh = failed.filter(({ name }) => !flaky.includes(name) && !before.includes(name));
    if (fresh.length > 0) return this.mend(repository, { change, task, fresh });
    for (const check of failed.filter(({ name }) => flaky.includes(name)))
      await this.repeat(repository, change, task, check);
    const old = failed.filter(({ name }) => before.includes(name)).map(({ name }) => name);
    if (old.length > 0)
      await this.say(task, change, `old:${old.join()}`, `Failing before this change too: ${list(old)}.`);
    return nothing(`Only known failures: ${list(failed.map(({ name }) => name))}.`);
  }

  private async mend(
    repository: Repository,
    { change, task, fresh }: { change: Change; task: Task; fresh: CheckRun[] },
  ): Promise<Outcome> {
    const names = fresh.map(({ name }) => name);
    const logs: string[] = [];
    for (const check of fresh) {
      const log = await this.forge.checkRunLog(repository, check);
      logs.push(`CI check ${check.name} failed on ${change.headCommit}. The end of its log:\n${log.slice(-LOG_SHOWN)}`);
    }
    const run = await this.followUps.repair(change, logs.join('\n\n'));
    if (!run) return nothing(`CI failed (${list(names)}) while the task is worked on or over.`);
    if (run !== 'exhausted') return done(`CI failed (${list(names)}): run ${run.number} mends it.`);
    await this.say(task, change, 'given-up', `CI is red: ${list(names)}. I leave it to you from here.`);
    return nothing(`CI failed (${list(names)}), and no more is tried by itself.`);
  }

  /** What failed on the commit that the change stands on. */
  private async failingBefore(repository: Repository, { baseCommit }: Change): Promise<string[]> {
    const checks = await this.forge.checkRuns(repository, baseCommit);
    return checks.filter(({ state }) => state === 'failed').map(({ name }) => name);
  }

  /** Once for each commit: a second failure is for people to look at. */
  private async repeat(repository: Repository, change: Change, task: Task, check: CheckRun): Promise<void> {
    const what = `flaky:${check.name}`;
    const said = await this.comments.findLatest(task.id, MAX_COMMENTS);
    if (said.some(({ idempotencyKey }) => idempotencyKey === keyOf(change, what))) return;
    const repeated = await this.forge.rerunCheck(repository, check);
    const next = repeated ? 'I had it run again.' : 'Have it run again to be sure.';
    await this.say(task, change, what, `${list([check.name])} is known to fail now and then. ${next}`);
  }

  private async say(task: Task, change: Change, what: string, body: string): Promise<void> {
    const place = { number: change.pullRequestNumber!, threadId: null };
    await this.voice.post(task, { body, key: keyOf(change, what), runId: null, place });
  }

  private async save(
    { id: repositoryId }: Repository,
    { id: changeId }: Change,
    { id: externalId, name, headCommit, state, url, completedAt }: CheckRun,
    known: { externalId: string; state: string }[],
  ): Promise<void> {
    if (known.some((one) => one.externalId === externalId && one.state === state)) return;
    const updatedAt = this.clock.now();
    const result = { id: this.ids.next(), repositoryId, changeId, externalId, name, headCommit, state, url };
    await this.results.save({ ...result, completedAt, updatedAt });
  }
}

/** What is said once for each commit. */
function keyOf({ id, headCommit }: Change, what: string): string {
  return `checks:${id}:${headCommit}:${what}`.slice(0, 255);
}

function list(names: string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
