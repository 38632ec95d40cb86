import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  CheckpointRepository,
  Clock,
  isFinal,
  isOwnOutage,
  ModelError,
  RunRepository,
  StoredItemRepository,
  usesRecord,
  type ChatMessage,
  type ModelRequest,
  type Run,
} from '@teko/domain';
import type { Memo } from './agent/context';
import { langgraph } from './agent/langgraph';
import type { ModelLedger } from './agent/model-ledger';
import { NOT_SUMMED_UP, summaryOf } from './agent/summary';
import type { TaskStore } from './agent/task-store';
import { cutMiddle, tokensIn, turnsOf, turnText } from './agent/turns';
import { data } from './agents/prompt';
import type { RunResult } from './run-result';
import { lineageOf } from './lineage';
import type { RunContext } from './run-context';
import { ExecutionSettings } from './settings';

/** Where a task's store has the conversation of each agent, and what each run was given of it. */
const CONVERSATIONS = 'conversations';
const OPENINGS = 'openings';
/** Shares of what a question may hold: what is kept of a conversation, and what a run is given of it. */
const KEPT = 3 / 8;
const GIVEN = 1 / 10;
const MAX_CHARACTERS_EACH = 1_500;
const RETENTION_DAYS = 30;

/** The conversation of an agent about a task, from one run to the next. */
@Injectable()
export class ConversationHistory {
  private readonly logger = new Logger(ConversationHistory.name);

  constructor(
    @Inject(StoredItemRepository) private readonly items: StoredItemRepository,
    @Inject(CheckpointRepository) private readonly checkpoints: CheckpointRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ExecutionSettings) private readonly settings: ExecutionSettings,
  ) {}

  /**
   * What a run is told of the runs before it; null where there was none. The first answer holds for the run, and for all
   * that replay it or ask it differently.
   */
  async before(scope: RunContext, ledger: ModelLedger): Promise<string | null> {
    const { origin, id, taskId } = scope.run;
    const known = await this.given(taskId, usesRecord(origin) ? origin.runId : id);
    const text = known ?? (usesRecord(origin) ? null : await this.opening(scope, ledger));
    if (text === null) return null;
    await (await this.store(taskId)).put([OPENINGS], id, { text });
    return told(scope, text);
  }

  /** Writes down what was done and said in a run that ends, for the next one. No run ends differently where that fails. */
  async keep(run: Run, ending: Pick<RunResult, 'outcome' | 'detail'>): Promise<void> {
    try {
      if (run.origin?.kind !== 'replay') await this.write(run, ending);
    } catch (error) {
      if (isOwnOutage(error)) throw error;
      this.logger.warn(`run ${run.number}: its conversation was not kept: ${(error as Error).message}`);
    }
  }

  /** Deletes what nobody will go on with: checkpoints of runs that are over or gone, and threads of tasks that are over for long. */
  async sweep(): Promise<void> {
    for (const runId of await this.checkpoints.threadIds()) {
      const run = await this.runs.findById(runId);
      if (!run) await this.checkpoints.deleteThread(runId);
      else if (isFinal(run.status)) await this.settle(run);
    }
    await this.items.deleteIdle(CONVERSATIONS, new Date(this.clock.now().getTime() - RETENTION_DAYS * 86_400_000));
  }

  /** One that was cancelled while it waited ended in no worker, so nobody kept its conversation. */
  private async settle(run: Run): Promise<void> {
    const { outcome, outcomeDetail, finishedAt } = run;
    const thread = await (await this.store(run.taskId)).get([CONVERSATIONS], run.agentType);
    const wentOn = thread !== null && finishedAt !== null && thread.updatedAt > finishedAt;
    if (!wentOn) await this.keep(run, { outcome: outcome ?? 'cancelled', detail: outcomeDetail ?? '' });
    await this.checkpoints.deleteThread(run.id);
  }

  private async write(run: Run, { outcome, detail }: Pick<RunResult, 'outcome' | 'detail'>): Promise<void> {
    const { CheckpointSaver } = await langgraph();
    const saver = new CheckpointSaver(this.checkpoints);
    const last = await saver.getTuple({ configurable: { thread_id: run.id } });
    const { messages = [], memo } = (last?.checkpoint.channel_values ?? {}) as {
      messages?: ChatMessage[];
      memo?: Memo;
    };
    const { turns } = turnsOf(messages);
    if (turns.length === 0) return;
    const before = (await this.given(run.taskId, run.id)) ?? '';
    const { told: instruction } = await lineageOf(run, this.runs);
    const blocks = [
      before,
      `Run ${run.number}${instruction ? ` was told:\n${saidThen(instruction)}` : ':'}`,
      memo?.summary ?? '',
      ...(memo?.kept ?? []),
      ...turns.map((turn) => turnText(turn, MAX_CHARACTERS_EACH)),
      `Run ${run.number} ended as ${outcome}: ${detail}`,
    ];
    const kept = newest(blocks.filter(Boolean).map(this.settings.redact), this.settings.contextTokens * KEPT);
    await (await this.store(run.taskId)).put([CONVERSATIONS], run.agentType, { blocks: kept });
  }

  private async opening(scope: RunContext, ledger: ModelLedger): Promise<string | null> {
    const earlier = (await this.runs.findByTask(scope.task.id)).filter(({ status }) => isFinal(status));
    for (const run of earlier.sort((a, b) => a.number - b.number)) await this.settle(run);
    const thread = await (await this.store(scope.task.id)).get([CONVERSATIONS], scope.run.agentType);
    const blocks = (thread?.value.blocks ?? []) as string[];
    if (blocks.length === 0) return null;
    const most = this.settings.contextTokens * GIVEN;
    if (tokensOf(blocks) <= most) return blocks.join('\n\n');
    const recent = newest(blocks, most / 2);
    const text = blocks.slice(0, -recent.length).join('\n\n');
    const { control, journal, run } = scope;
    try {
      const ask = (request: ModelRequest) => ledger.sumUp(0, request, control.signal);
      const summary = await summaryOf({ before: null, text, model: run.model!, ask });
      await journal.note('context:0', 'note', 'Earlier runs of the task were summed up', summary.text);
      return [summary.text, ...recent].join('\n\n');
    } catch (error) {
      if (!(error instanceof ModelError) || error.retriable) throw error;
      await journal.note(
        'context:0',
        'note',
        'Earlier runs could not be summed up and were cut',
        error.message,
        'failed',
      );
      return [NOT_SUMMED_UP, ...newest(blocks, most)].join('\n\n');
    }
  }

  private async given(taskId: string, runId: string): Promise<string | null> {
    const item = await (await this.store(taskId)).get([OPENINGS], runId);
    return (item?.value.text ?? null) as string | null;
  }

  private async store(taskId: string): Promise<TaskStore> {
    const { TaskStore: Store } = await langgraph();
    return new Store(this.items, taskId, this.clock);
  }
}

/** ConversationHistory of a review that were answered then are not to be answered again. */
function saidThen(text: string): string {
  return cutMiddle(text.replace(/\[thread [^\]]+\]/g, '[a thread of then]'), 4_000);
}

function told({ run, lineage }: RunContext, text: string): string {
  const isGone = run.agentType === 'implementation' && !lineage.continued;
  const gone = isGone ? ' What was changed in them is not in the workspace.' : '';
  return `You have worked on this task before. This is the record of those runs.${gone}\n${data('earlier runs', text)}`;
}

/** The last blocks that hold no more than so many tokens together; of one that is longer, begin and end. */
function newest(blocks: string[], tokens: number): string[] {
  let sum = 0;
  const passed = blocks.findLastIndex((block) => (sum += tokensIn(block)) > tokens);
  const fitting = blocks.slice(passed + 1);
  return fitting.length > 0 ? fitting : blocks.slice(-1).map((block) => cutMiddle(block, tokens));
}

function tokensOf(blocks: string[]): number {
  return blocks.reduce((sum, block) => sum + tokensIn(block), 0);
}
