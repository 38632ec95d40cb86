import { Inject, Injectable } from '@nestjs/common';
import {
  canMoveTask,
  ChangeRepository,
  Clock,
  CommentLinkRepository,
  CommentRepository,
  Ids,
  isFinal,
  RunRepository,
  TaskRepository,
  type Change,
  type Comment,
  type CommentLink,
  type ResumePoint,
  type Run,
  type Task,
} from '@teko/domain';
import { newRun } from './new-run';
import { SchedulingService } from './scheduling.service';

const BATCH = 200;
const MAX_REPAIRS = 2;

type Request = { link: CommentLink; comment: Comment };

/** Lets agents work on what people and CI say to their changes: on the same branch, once for each. */
@Injectable()
export class FollowUps {
  constructor(
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Ids) private readonly ids: Ids,
  ) {}

  /** Begins with what was asked for on changes, once nothing was added for `quietMs`: a review comes in many messages. */
  async startDue(quietMs: number): Promise<void> {
    const quiet = this.clock.now().getTime() - quietMs;
    for (const requests of byTask(await this.links.findRequests(BATCH))) {
      if (requests.every(({ link }) => link.createdAt.getTime() <= quiet)) await this.answer(requests);
    }
  }

  /**
   * Lets an agent mend what CI found on a change. Null where the task is not one to go on with now, `exhausted` where it
   * was tried often enough.
   */
  async repair(change: Change, instruction: string): Promise<Run | 'exhausted' | null> {
    const triggerKey = `checks:${change.id}:${change.headCommit}`;
    const stored = await this.runs.findByTrigger(triggerKey);
    if (stored) return stored;
    const before = (await this.runs.findByTask(change.taskId)).filter((run) =>
      run.triggerKey?.startsWith(`checks:${change.id}:`),
    );
    if (before.length >= MAX_REPAIRS) return 'exhausted';
    return this.begin(change, instruction, triggerKey, null);
  }

  private async answer(requests: Request[]): Promise<void> {
    const change = await this.changes.findOpenByTask(requests[0]!.link.taskId);
    if (!change) return;
    const triggerKey = `remarks:${requests.at(-1)!.comment.id}`;
    const instruction = requests.map(asInstruction).join('\n\n');
    const asker = requests.at(-1)!.comment.authorId;
    const run =
      (await this.runs.findByTrigger(triggerKey)) ?? (await this.begin(change, instruction, triggerKey, asker));
    // Marked after the run is there: a death between finds the run by its trigger.
    if (run) for (const { comment } of requests) await this.comments.update(comment.id, { runId: run.id });
  }

  private async begin(
    change: Change,
    instruction: string,
    triggerKey: string,
    requestedById: string | null,
  ): Promise<Run | null> {
    const task = await this.tasks.findById(change.taskId);
    if (!task || !canMoveTask(task.status, 'queued')) return null;
    const all = (await this.runs.findByTask(task.id)).filter(({ origin }) => origin?.kind !== 'replay');
    const source = all.find(({ id }) => id === change.runId);
    if (!source || all.some(({ status }) => !isFinal(status))) return null;
    const run = newRun({
      ...{ id: this.ids.next(), now: this.clock.now(), task, attempt: all.length + 1, requestedById, triggerKey },
      choice: {
        agentType: source.agentType,
        language: source.language,
        reason: `Works in what was said to change ${change.number}.`,
      },
      origin: { kind: 'follow_up', runId: source.id, turn: null, instruction, basedOn: workOf(change, source) },
    });
    return this.scheduling.begin(run, task.status);
  }
}

function workOf({ baseCommit, headCommit, branch }: Change, { turns }: Run): ResumePoint {
  return { version: 1, outcome: 'gate_green', baseCommit, headCommit, branch, turns, verdict: 'green', failing: [] };
}

function asInstruction({ link, comment }: Request): string {
  const place = link.path ? ` at ${link.path}${link.line ? `:${link.line}` : ''}` : '';
  const thread = link.threadId ? `[thread ${link.threadId}]` : '[pull request]';
  return `${thread} ${comment.author}${place}:\n${comment.body}`;
}

/** Each task's, the oldest first. */
function byTask(requests: Request[]): Request[][] {
  const groups = new Map<Task['id'], Request[]>();
  for (const request of requests) {
    const { taskId } = request.link;
    groups.set(taskId, [...(groups.get(taskId) ?? []), request]);
  }
  return [...groups.values()];
}
