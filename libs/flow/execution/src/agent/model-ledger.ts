import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ModelError,
  isOwnOutage,
  modelCallKey,
  type BudgetRepository,
  type BudgetReservation,
  type Clock,
  type Ids,
  type LanguageModels,
  type Lease,
  type ModelCall,
  type ModelCallRepository,
  type ModelCallUse,
  type ModelReply,
  type ModelRequest,
  type Run,
  type RunRepository,
} from '@teko/domain';
import { RunAborted } from '../run-result';
import type { Journal } from '../journal';
import { budgetMessage, unknownPrice } from './budget-message';
import { saidSince, type Recording } from './recording';

export interface LedgerParts {
  run: Run;
  lease: Lease;
  models: LanguageModels;
  calls: ModelCallRepository;
  runs: RunRepository;
  budgets: BudgetRepository;
  journal: Journal;
  clock: Clock;
  ids: Ids;
  /** Asked where the run's model does not answer. */
  fallback: string | null;
  /** Another run's answers, which this one takes instead of asking. */
  recording: Recording | null;
}

interface Question {
  use: ModelCallUse;
  turn: number;
  key: string;
  requestHash: string;
  request: ModelRequest;
}

const MAX_WRITES = 6;
const WRITE_RETRY_DELAY_MS = 200;

/** Pays for each question of a run once: an answer that was recorded is taken from the record. */
export class ModelLedger {
  private fellBack = false;

  constructor(private readonly parts: LedgerParts) {}

  async ask(turn: number, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const question = questionOf('turn', turn, request);
    const reply = (await this.known(question)) ?? (await this.answer(question, signal));
    await this.show(question, reply);
    return reply;
  }

  /** Has what was before a turn summed up. */
  async sumUp(turn: number, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const question = questionOf('summary', turn, request);
    return (await this.known(question)) ?? (await this.answer(question, signal));
  }

  /** Whether the run whose answers are taken summed up before this turn; null where it is asked anew. */
  summedUpThen(turn: number): boolean | null {
    const { recording } = this.parts;
    return recording?.covers(turn) ? recording.summaryAt(turn) !== null : null;
  }

  /** An answer of this run, by its own model or by the one that stood in for it. */
  private async known({ use, turn, request, key }: Question): Promise<ModelReply | null> {
    const { calls, run, fallback } = this.parts;
    const keys = fallback ? [key, questionOf(use, turn, { ...request, model: fallback }).key] : [key];
    for (const candidate of keys) {
      const call = await calls.findByKey(run.id, candidate);
      if (call?.status === 'done' && call.reply) return call.reply;
    }
    return null;
  }

  private answer(question: Question, signal: AbortSignal): Promise<ModelReply> {
    const { recording } = this.parts;
    if (recording?.covers(question.turn)) return this.fromRecord(question, recording);
    return this.payOrFallBack(question, signal);
  }

  /** Costs nothing; the first difference from what was said then is noted. */
  private async fromRecord(question: Question, recording: Recording): Promise<ModelReply> {
    const { journal } = this.parts;
    const { use, turn, request } = question;
    if (use === 'summary') return this.copy(question, recording.summaryAt(turn)?.reply);
    const recorded = recording.at(turn);
    const divergence = recording.compare(turn, saidSince(request.messages));
    if (divergence) {
      const { recorded: then, now } = divergence;
      const said = `Then:\n${then}\n\nNow:\n${now}`;
      await journal.note('divergence', 'note', `Turn ${turn} is the first that differs`, said, 'failed');
    }
    if (recording.endsBefore(turn)) throw new RunAborted('replayed', 'The record ends here, as the run did.');
    return this.copy(question, recorded?.reply);
  }

  private async copy(question: Question, reply: ModelReply | null | undefined): Promise<ModelReply> {
    if (!reply) throw new RunAborted('diverged', `The recorded run has no answer for turn ${question.turn}.`);
    const { calls, lease } = this.parts;
    const call = await this.begin(question);
    await calls.finish(call.id, { status: 'done', reply, costMicros: 0, ...this.ended(call) }, lease);
    return reply;
  }

  /** From the first outage on the other model has the run, so that not every turn waits for the outage again. */
  private async payOrFallBack(question: Question, signal: AbortSignal): Promise<ModelReply> {
    const { fallback, journal } = this.parts;
    const { use, turn, request } = question;
    const other = () => this.pay(questionOf(use, turn, { ...request, model: fallback! }), signal);
    if (this.fellBack) return other();
    try {
      return await this.pay(question, signal);
    } catch (error) {
      if (!fallback || !(error instanceof ModelError) || !error.retriable) throw error;
      this.fellBack = true;
      const title = `${request.model} does not answer; ${fallback} goes on`;
      await journal.note(`fallback:${turn}`, 'note', title, error.message, 'failed');
      return other();
    }
  }

  private async pay(question: Question, signal: AbortSignal): Promise<ModelReply> {
    const { models, calls, runs, budgets, run, lease } = this.parts;
    const { request } = question;
    const spending = await this.reserve(request);
    const call = await this.begin(question);
    const reply = await models.complete(request, { signal, runId: run.id }).catch(async (error: Error) => {
      // What broke off may have to be paid, so its money stays aside.
      if (spending && error instanceof ModelError && error.unpaid) await budgets.settle(spending.id, 0);
      await calls.finish(call.id, { status: 'failed', error: error.message, ...this.ended(call) }, lease);
      throw error;
    });
    const { input, output, cacheRead, cacheWrite } = reply.usage;
    const costMicros = models.price(request.model, reply.usage);
    const answered = {
      status: 'done' as const,
      reply,
      error: null,
      inputTokens: input,
      outputTokens: output,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite,
      costMicros,
      ...this.ended(call),
    };
    await insist(() => calls.finish(call.id, answered, lease));
    if (spending && costMicros !== null) await budgets.settle(spending.id, costMicros);
    await runs.addUsage(lease, { inputTokens: input, outputTokens: output, costMicros });
    return reply;
  }

  private begin({ use, key, requestHash, request }: Question): Promise<ModelCall> {
    const { calls, clock, ids, run } = this.parts;
    return calls.begin({
      id: ids.next(),
      runId: run.id,
      key,
      model: request.model,
      status: 'pending',
      requestHash,
      // What is summed up is in the record already.
      newMessages: use === 'turn' ? saidSince(request.messages) : null,
      reply: null,
      error: null,
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costMicros: null,
      durationMs: null,
      createdAt: clock.now(),
      finishedAt: null,
    });
  }

  private ended({ createdAt }: ModelCall) {
    const finishedAt = this.parts.clock.now();
    return { finishedAt, durationMs: finishedAt.getTime() - createdAt.getTime() };
  }

  /** Puts the worst price of the call aside. Throws RunAborted where a budget would be passed. */
  private async reserve(request: ModelRequest): Promise<BudgetReservation | null> {
    const { models, budgets, ids, clock, run } = this.parts;
    const { id: runId, taskId, repositoryId, requestedById: userId, agentType } = run;
    const micros = models.worstPrice(request);
    if (micros === null) throw new RunAborted('price_missing', unknownPrice(request.model));
    if (micros === 0) return null;
    const who = { runId, taskId, repositoryId, userId, agentType, createdAt: clock.now() };
    const spending: BudgetReservation = { ...who, id: ids.next(), micros, settled: false };
    const budget = await budgets.reserve(spending);
    if (budget) throw new RunAborted('budget_limit', budgetMessage(budget, micros));
    return spending;
  }

  private async show({ turn, key }: Question, reply: ModelReply): Promise<void> {
    const calls = reply.toolCalls.map(({ name }) => name).join(', ');
    await this.parts.journal.step(
      `model:${key}`,
      'model',
      calls ? `Turn ${turn}: asks for ${calls}` : `Turn ${turn}: answers`,
      null,
      async () => ({ status: 'done', output: reply.content, data: { ...reply.usage, stopReason: reply.stopReason } }),
    );
  }
}

/** An answer that is not written down has to be paid again, so a database that broke off gets some time. */
async function insist(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await write();
    } catch (error) {
      if (!isOwnOutage(error) || tries === MAX_WRITES) throw error;
      await delay(WRITE_RETRY_DELAY_MS * tries);
    }
  }
}

function questionOf(use: ModelCallUse, turn: number, request: ModelRequest): Question {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  return { use, turn, key: modelCallKey(use, turn, requestHash), requestHash, request };
}
