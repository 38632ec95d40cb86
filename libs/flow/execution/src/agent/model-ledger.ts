import { createHash } from 'node:crypto';
import {
  ModelError,
  type BudgetRepository,
  type Spending,
  type Clock,
  type Ids,
  type LanguageModels,
  type Lease,
  type ModelCallRepository,
  type ModelReply,
  type ModelRequest,
  type Run,
  type RunRepository,
} from '@teko/domain';
import { EndRun } from '../ending';
import type { Journal } from '../journal';
import { budgetMessage } from './budget-message';

/** Pays for each question of a run once: an answer that was recorded is taken from the record. */
export class ModelLedger {
  constructor(
    private readonly run: Run,
    private readonly lease: Lease,
    private readonly models: LanguageModels,
    private readonly calls: ModelCallRepository,
    private readonly runs: RunRepository,
    private readonly budgets: BudgetRepository,
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async ask(turn: number, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const key = `turn:${turn}:${requestHash.slice(0, 16)}`;
    const known = await this.calls.findByKey(this.run.id, key);
    const reply =
      known?.status === 'done' && known.reply ? known.reply : await this.pay(key, requestHash, request, signal);
    await this.show(turn, key, reply);
    return reply;
  }

  private async pay(key: string, requestHash: string, request: ModelRequest, signal: AbortSignal): Promise<ModelReply> {
    const startedAt = this.clock.now();
    const spending = await this.putAside(request, startedAt);
    const call = await this.calls.begin({
      id: this.ids.next(),
      runId: this.run.id,
      key,
      model: request.model,
      status: 'pending',
      requestHash,
      reply: null,
      error: null,
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costMicros: null,
      durationMs: null,
      createdAt: startedAt,
      finishedAt: null,
    });
    const ended = () => ({
      finishedAt: this.clock.now(),
      durationMs: this.clock.now().getTime() - startedAt.getTime(),
    });
    try {
      const reply = await this.models.complete(request, { signal, runId: this.run.id });
      const { input, output, cacheRead, cacheWrite } = reply.usage;
      const costMicros = this.models.price(request.model, reply.usage);
      await this.calls.finish(call.id, {
        status: 'done',
        reply,
        error: null,
        inputTokens: input,
        outputTokens: output,
        cacheReadTokens: cacheRead,
        cacheWriteTokens: cacheWrite,
        costMicros,
        ...ended(),
      });
      if (spending && costMicros !== null) await this.budgets.settle(spending.id, costMicros);
      await this.runs.addUsage(this.lease, { inputTokens: input, outputTokens: output, costMicros });
      return reply;
    } catch (error) {
      // What broke off may have to be paid, so its money stays aside.
      if (spending && error instanceof ModelError && error.unpaid) await this.budgets.settle(spending.id, 0);
      await this.calls.finish(call.id, { status: 'failed', error: (error as Error).message, ...ended() });
      throw error;
    }
  }

  /** Puts the worst price of the call aside. Throws EndRun where a budget would be passed. */
  private async putAside(request: ModelRequest, createdAt: Date): Promise<Spending | null> {
    const { id: runId, taskId, repositoryId, requestedById: userId, agentType } = this.run;
    const who = { runId, taskId, repositoryId, userId, agentType, createdAt };
    const micros = this.models.worstPrice(request);
    if (micros === null) {
      const [budget] = await this.budgets.findFor(who);
      if (budget) throw new EndRun('budget_limit', unknownPrice(request.model));
      return null;
    }
    if (micros === 0) return null;
    const spending: Spending = { ...who, id: this.ids.next(), micros, settled: false };
    const budget = await this.budgets.reserve(spending);
    if (budget) throw new EndRun('budget_limit', budgetMessage(budget, micros));
    return spending;
  }

  private async show(turn: number, key: string, reply: ModelReply): Promise<void> {
    const calls = reply.toolCalls.map(({ name }) => name).join(', ');
    await this.journal.step(
      `model:${key}`,
      'model',
      calls ? `Turn ${turn}: asks for ${calls}` : `Turn ${turn}: answers`,
      null,
      async () => ({ status: 'done', output: reply.content, data: { ...reply.usage, stopReason: reply.stopReason } }),
    );
  }
}

function unknownPrice(model: string): string {
  return `A budget watches over this run, and the price of ${model} is not known. Set it in TEKO_PRICES, or as free.`;
}
