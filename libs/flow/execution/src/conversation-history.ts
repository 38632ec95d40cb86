import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  CheckpointRepository,
  Clock,
  isFinal,
  isInfrastructureOutage,
  ModelError,
  RunRepository,
  StoredItemRepository,
  usesRecordedReplies,
  type ChatMessage,
  type ModelRequest,
  type Run,
} from '@teko/domain';
import type { Memo } from './loop/context-window';
import { langgraph } from './loop/langgraph';
import type { ModelLedger } from './loop/model-ledger';
import { NOT_SUMMARIZED, summarizeConversation } from './loop/summary';
import type { TaskStore } from './loop/task-store';
import { truncateMiddle, tokensIn, turnsOf, turnText } from './loop/turns';
import { dataBlock } from './agents/prompt';
import type { RunResult } from './run-result';
import { lineageOf } from './lineage';
import type { RunContext } from './run-context';
import { ExecutionSettings } from './settings';

/** Namespaces of the task's store: the conversation of each agent, and the part of it that each run was given. */
const CONVERSATIONS = 'conversations';
const OPENINGS = 'openings';
/** Shares of the context tokens: what is stored of a conversation, and what a run is given of it. */
const STORED_SHARE = 3 / 8;
const PROMPT_SHARE = 1 / 10;
const MAX_MESSAGE_CHARACTERS = 1_500;
const RETENTION_DAYS = 30;

/** Passes the conversation of an agent about a task from one run to the next. */
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
   * Returns the message about earlier runs of the task, or null if there were none. It is stored, so that the run and its
   * replays and forks always get the same.
   */
  async load(context: RunContext, ledger: ModelLedger): Promise<string | null> {
    const { origin, id, taskId } = context.run;
    const stored = await this.findOpening(taskId, usesRecordedReplies(origin) ? origin.runId : id);
    const text = stored ?? (usesRecordedReplies(origin) ? null : await this.createOpening(context, ledger));
    if (text === null) return null;
    await (await this.store(taskId)).put([OPENINGS], id, { text });
    return historyMessage(context, text);
  }

  /** Stores the conversation of an ending run for the next one. Only an outage of Teko's own services is thrown. */
  async save(run: Run, result: Pick<RunResult, 'outcome' | 'detail'>): Promise<void> {
    try {
      if (run.origin?.kind !== 'replay') await this.write(run, result);
    } catch (error) {
      if (isInfrastructureOutage(error)) throw error;
      this.logger.warn(`run ${run.number}: its conversation was not stored: ${(error as Error).message}`);
    }
  }

  /** Deletes checkpoints of runs that have ended or were deleted, and conversations of tasks that ended 30 days ago. */
  async sweep(): Promise<void> {
    for (const runId of await this.checkpoints.threadIds()) {
      const run = await this.runs.findById(runId);
      if (!run) await this.checkpoints.deleteThread(runId);
      else if (isFinal(run.status)) await this.saveEnded(run);
    }
    await this.items.deleteIdle(CONVERSATIONS, new Date(this.clock.now().getTime() - RETENTION_DAYS * 86_400_000));
  }

  /** Saves the conversation of a run that was cancelled while it waited, and deletes the checkpoints of any ended run. */
  private async saveEnded(run: Run): Promise<void> {
    const { outcome, outcomeDetail, finishedAt } = run;
    const conversation = await (await this.store(run.taskId)).get([CONVERSATIONS], run.agentType);
    const hasLaterRun = conversation !== null && finishedAt !== null && conversation.updatedAt > finishedAt;
    if (!hasLaterRun) await this.save(run, { outcome: outcome ?? 'cancelled', detail: outcomeDetail ?? '' });
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
    const opening = (await this.findOpening(run.taskId, run.id)) ?? '';
    const { instruction } = await lineageOf(run, this.runs);
    const blocks = [
      opening,
      `Run ${run.number}${instruction ? ` was instructed:\n${withoutThreadIds(instruction)}` : ':'}`,
      memo?.summary ?? '',
      ...(memo?.kept ?? []),
      ...turns.map((turn) => turnText(turn, MAX_MESSAGE_CHARACTERS)),
      `Run ${run.number} ended with outcome ${outcome}: ${detail}`,
    ];
    const stored = newest(blocks.filter(Boolean).map(this.settings.redact), this.settings.contextTokens * STORED_SHARE);
    await (await this.store(run.taskId)).put([CONVERSATIONS], run.agentType, { blocks: stored });
  }

  private async createOpening(context: RunContext, ledger: ModelLedger): Promise<string | null> {
    const endedRuns = (await this.runs.findByTask(context.task.id)).filter(({ status }) => isFinal(status));
    for (const run of endedRuns.sort((a, b) => a.number - b.number)) await this.saveEnded(run);
    const conversation = await (await this.store(context.task.id)).get([CONVERSATIONS], context.run.agentType);
    const blocks = (conversation?.value.blocks ?? []) as string[];
    if (blocks.length === 0) return null;
    const maxTokens = this.settings.contextTokens * PROMPT_SHARE;
    if (tokensOf(blocks) <= maxTokens) return blocks.join('\n\n');
    const recent = newest(blocks, maxTokens / 2);
    const text = blocks.slice(0, -recent.length).join('\n\n');
    const { supervisor, journal, run } = context;
    try {
      const complete = (request: ModelRequest) => ledger.summarize(0, request, supervisor.signal);
      const summary = await summarizeConversation({ previous: null, text, model: run.model!, complete });
      await journal.note('context:0', 'note', 'Earlier runs of the task were summarized', summary.text);
      return [summary.text, ...recent].join('\n\n');
    } catch (error) {
      if (!(error instanceof ModelError) || error.retriable) throw error;
      await journal.note(
        'context:0',
        'note',
        'Earlier runs could not be summarized and were truncated',
        error.message,
        'failed',
      );
      return [NOT_SUMMARIZED, ...newest(blocks, maxTokens)].join('\n\n');
    }
  }

  private async findOpening(taskId: string, runId: string): Promise<string | null> {
    const item = await (await this.store(taskId)).get([OPENINGS], runId);
    return (item?.value.text ?? null) as string | null;
  }

  private async store(taskId: string): Promise<TaskStore> {
    const { TaskStore: Store } = await langgraph();
    return new Store(this.items, taskId, this.clock);
  }
}

/** Hides the ids of review threads, so that the agent does not answer them again. */
function withoutThreadIds(text: string): string {
  return truncateMiddle(text.replace(/\[thread [^\]]+\]/g, '[an earlier thread]'), 4_000);
}

function historyMessage({ run, lineage }: RunContext, text: string): string {
  const hasNoWork = run.agentType === 'implementation' && !lineage.continued;
  const notice = hasNoWork ? ' The changes of those runs are not in the workspace.' : '';
  return `You have worked on this task before. This is the record of those runs.${notice}\n${dataBlock('earlier runs', text)}`;
}

/** Returns the last blocks that fit into `tokens`. If not even the last one fits, it is truncated. */
function newest(blocks: string[], tokens: number): string[] {
  let sum = 0;
  const lastExcluded = blocks.findLastIndex((block) => (sum += tokensIn(block)) > tokens);
  const fitting = blocks.slice(lastExcluded + 1);
  return fitting.length > 0 ? fitting : blocks.slice(-1).map((block) => truncateMiddle(block, tokens));
}

function tokensOf(blocks: string[]): number {
  return blocks.reduce((sum, block) => sum + tokensIn(block), 0);
}
