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

const BATCH_SIZE = 200;
const MAX_REPAIRS = 2;

type Request = { link: CommentLink; comment: Comment };

/** Starts follow-up runs for review feedback and CI failures, on the same branch and once per request. */
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

  /** Starts a run per task for its open requests, once none was added for `quietMs`, because a review arrives as many comments. */
  async startDue(quietMs: number): Promise<void> {
    const latest = this.clock.now().getTime() - quietMs;
    for (const requests of byTask(await this.links.findRequests(BATCH_SIZE))) {
      if (requests.every(({ link }) => link.createdAt.getTime() <= latest)) await this.startForRequests(requests);
    }
  }

  /**
   * Starts a run that fixes the CI failures of a change. Returns null if the task cannot have a new run now, or `exhausted`
   * after the maximum number of repairs.
   */
  async repair(change: Change, instruction: string): Promise<Run | 'exhausted' | null> {
    const triggerKey = `checks:${change.id}:${change.headCommit}`;
    const stored = await this.runs.findByTrigger(triggerKey);
    if (stored) return stored;
    const earlier = (await this.runs.findByTask(change.taskId)).filter((run) =>
      run.triggerKey?.startsWith(`checks:${change.id}:`),
    );
    if (earlier.length >= MAX_REPAIRS) return 'exhausted';
    return this.start(change, instruction, triggerKey, null);
  }

  private async startForRequests(requests: Request[]): Promise<void> {
    const change = await this.changes.findOpenByTask(requests[0]!.link.taskId);
    if (!change) return;
    const triggerKey = `review-comments:${requests.at(-1)!.comment.id}`;
    const instruction = requests.map(asInstruction).join('\n\n');
    const requestedById = requests.at(-1)!.comment.authorId;
    const run =
      (await this.runs.findByTrigger(triggerKey)) ?? (await this.start(change, instruction, triggerKey, requestedById));
    // The comments are marked after the run is stored. After a crash in between, the run is found by its trigger key.
    if (run) for (const { comment } of requests) await this.comments.update(comment.id, { runId: run.id });
  }

  private async start(
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
        reason: `Addresses the feedback on change ${change.number}.`,
      },
      origin: { kind: 'follow_up', runId: source.id, turn: null, instruction, basedOn: workOf(change, source) },
    });
    return this.scheduling.enqueue(run, task.status);
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

/** Groups requests by task, the oldest first. */
function byTask(requests: Request[]): Request[][] {
  const groups = new Map<Task['id'], Request[]>();
  for (const request of requests) {
    const { taskId } = request.link;
    groups.set(taskId, [...(groups.get(taskId) ?? []), request]);
  }
  return [...groups.values()];
}
