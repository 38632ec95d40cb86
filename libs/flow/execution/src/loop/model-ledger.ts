import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ModelError,
  isInfrastructureOutage,
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
import type { RunJournal } from '../run-journal';
import { budgetMessage, unknownPriceMessage } from './budget-message';
import { messagesSinceReply, type Recording } from './recording';

export interface ModelLedgerOptions {
  run: Run;
  lease: Lease;
  models: LanguageModels;
  calls: ModelCallRepository;
  runs: RunRepository;
  budgets: BudgetRepository;
  journal: RunJournal;
  clock: Clock;
  ids: Ids;
  /** Model that is used if the run's own does not respond. */
  fallback: string | null;
  /** Replies of another run, which are used instead of model calls. */
  recording: Recording | null;
}

/** A request to the model with the key under which its call is stored. */
interface KeyedRequest {
  use: ModelCallUse;
  turn: number;
  key: string;
  requestHash: string;
  request: ModelRequest;
}

const MAX_WRITE_ATTEMPTS = 6;
const WRITE_RETRY_DELAY_MS = 200;

/** Makes and charges the model calls of a run, each only once: a stored reply is returned without a call. */
export class ModelLedger {
  private usesFallback = false;

  constructor(private readonly options: ModelLedgerOptions) {}

  /** Returns the reply for a turn. Throws RunAborted if a budget would be exceeded, ModelError if no model responds. */
  async complete(turn: number, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const keyed = keyedRequest('turn', turn, request);
    const reply = (await this.findReply(keyed)) ?? (await this.obtainReply(keyed, signal));
    await this.recordStep(keyed, reply);
    return reply;
  }

  /** Returns the reply to the request for a summary of the turns before this one. */
  async summarize(turn: number, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const keyed = keyedRequest('summary', turn, request);
    return (await this.findReply(keyed)) ?? (await this.obtainReply(keyed, signal));
  }

  /** Returns whether the recorded run summarized before this turn, or null if the turn is not replayed. */
  wasSummarized(turn: number): boolean | null {
    const { recording } = this.options;
    return recording?.covers(turn) ? recording.summaryAt(turn) !== null : null;
  }

  /** Returns the stored reply of the run's own model or of its fallback. */
  private async findReply({ use, turn, request, key }: KeyedRequest): Promise<ModelReply | null> {
    const { calls, run, fallback } = this.options;
    const keys = fallback ? [key, keyedRequest(use, turn, { ...request, model: fallback }).key] : [key];
    for (const candidate of keys) {
      const call = await calls.findByKey(run.id, candidate);
      if (call?.status === 'done' && call.reply) return call.reply;
    }
    return null;
  }

  private obtainReply(keyed: KeyedRequest, signal: AbortSignal): Promise<ModelReply> {
    const { recording } = this.options;
    if (recording?.covers(keyed.turn)) return this.replay(keyed, recording);
    return this.completeWithFallback(keyed, signal);
  }

  /** Returns the recorded reply at no cost. Adds a step for the first difference from the recorded messages. */
  private async replay(keyed: KeyedRequest, recording: Recording): Promise<ModelReply> {
    const { journal } = this.options;
    const { use, turn, request } = keyed;
    if (use === 'summary') return this.copyReply(keyed, recording.summaryAt(turn)?.reply);
    const recorded = recording.at(turn);
    const divergence = recording.compare(turn, messagesSinceReply(request.messages));
    if (divergence) {
      const text = `Recorded:\n${divergence.recorded}\n\nNow:\n${divergence.now}`;
      await journal.note('divergence', 'note', `Turn ${turn} is the first that differs`, text, 'failed');
    }
    if (recording.endsBefore(turn))
      throw new RunAborted('replayed', 'The recording ends here, as the original run did.');
    return this.copyReply(keyed, recorded?.reply);
  }

  private async copyReply(keyed: KeyedRequest, reply: ModelReply | null | undefined): Promise<ModelReply> {
    if (!reply) throw new RunAborted('diverged', `The recorded run has no reply for turn ${keyed.turn}.`);
    const { calls, lease } = this.options;
    const call = await this.begin(keyed);
    await calls.finish(call.id, { status: 'done', reply, costMicros: 0, ...this.completionTime(call) }, lease);
    return reply;
  }

  /** After the first outage the run stays with the fallback, so that later turns do not wait for the outage again. */
  private async completeWithFallback(keyed: KeyedRequest, signal: AbortSignal): Promise<ModelReply> {
    const { fallback, journal } = this.options;
    const { use, turn, request } = keyed;
    const callFallback = () => this.callModel(keyedRequest(use, turn, { ...request, model: fallback! }), signal);
    if (this.usesFallback) return callFallback();
    try {
      return await this.callModel(keyed, signal);
    } catch (error) {
      if (!fallback || !(error instanceof ModelError) || !error.retriable) throw error;
      this.usesFallback = true;
      const title = `${request.model} does not respond; using ${fallback}`;
      await journal.note(`fallback:${turn}`, 'note', title, error.message, 'failed');
      return callFallback();
    }
  }

  private async callModel(keyed: KeyedRequest, signal: AbortSignal): Promise<ModelReply> {
    const { models, calls, runs, budgets, run, lease } = this.options;
    const { request } = keyed;
    const reservation = await this.reserve(request);
    const call = await this.begin(keyed);
    const reply = await models.complete(request, { signal, runId: run.id }).catch(async (error: Error) => {
      // The provider may charge an interrupted call, so its reservation stays.
      if (reservation && error instanceof ModelError && error.unpaid) await budgets.settle(reservation.id, 0);
      await calls.finish(call.id, { status: 'failed', error: error.message, ...this.completionTime(call) }, lease);
      throw error;
    });
    const { input, output, cacheRead, cacheWrite } = reply.usage;
    const costMicros = models.price(request.model, reply.usage);
    const completed = {
      status: 'done' as const,
      reply,
      error: null,
      inputTokens: input,
      outputTokens: output,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite,
      costMicros,
      ...this.completionTime(call),
    };
    await retryWrite(() => calls.finish(call.id, completed, lease));
    if (reservation && costMicros !== null) await budgets.settle(reservation.id, costMicros);
    await runs.addUsage(lease, { inputTokens: input, outputTokens: output, costMicros });
    return reply;
  }

  private begin({ use, key, requestHash, request }: KeyedRequest): Promise<ModelCall> {
    const { calls, clock, ids, run } = this.options;
    return calls.begin({
      id: ids.next(),
      runId: run.id,
      key,
      model: request.model,
      status: 'pending',
      requestHash,
      // The summarized messages are stored with the calls of their turns.
      newMessages: use === 'turn' ? messagesSinceReply(request.messages) : null,
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

  private completionTime({ createdAt }: ModelCall) {
    const finishedAt = this.options.clock.now();
    return { finishedAt, durationMs: finishedAt.getTime() - createdAt.getTime() };
  }

  /** Reserves the maximum price of the call; null for a free model. Throws RunAborted if a budget would be exceeded. */
  private async reserve(request: ModelRequest): Promise<BudgetReservation | null> {
    const { models, budgets, ids, clock, run } = this.options;
    const { id: runId, taskId, repositoryId, requestedById: userId, agentType } = run;
    const micros = models.maxPrice(request);
    if (micros === null) throw new RunAborted('price_missing', unknownPriceMessage(request.model));
    if (micros === 0) return null;
    const subject = { runId, taskId, repositoryId, userId, agentType, createdAt: clock.now() };
    const reservation: BudgetReservation = { ...subject, id: ids.next(), micros, settled: false };
    const exceeded = await budgets.reserve(reservation);
    if (exceeded) throw new RunAborted('budget_limit', budgetMessage(exceeded, micros));
    return reservation;
  }

  private async recordStep({ turn, key }: KeyedRequest, reply: ModelReply): Promise<void> {
    const calls = reply.toolCalls.map(({ name }) => name).join(', ');
    await this.options.journal.step(
      `model:${key}`,
      'model',
      calls ? `Turn ${turn}: calls ${calls}` : `Turn ${turn}: replies`,
      null,
      async () => ({ status: 'done', output: reply.content, data: { ...reply.usage, stopReason: reply.stopReason } }),
    );
  }
}

/** Retries during a database outage: a reply that is not stored would have to be paid for again. */
async function retryWrite(write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!isInfrastructureOutage(error) || attempt === MAX_WRITE_ATTEMPTS) throw error;
      await delay(WRITE_RETRY_DELAY_MS * attempt);
    }
  }
}

function keyedRequest(use: ModelCallUse, turn: number, request: ModelRequest): KeyedRequest {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  return { use, turn, key: modelCallKey(use, turn, requestHash), requestHash, request };
}
