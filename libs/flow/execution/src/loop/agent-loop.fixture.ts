import type { ChatMessage, LanguageModels, ModelReply, ModelRequest, SandboxSession } from '@teko/domain';
import { aRepository, aRun, aTask, inMemoryRepositories, type RepositorySet } from '@teko/testing';
import { AGENTS, type AgentLimits } from '../agents';
import { RunJournal } from '../run-journal';
import { TOOLS, type HumanInput } from '../tools';
import { AgentLoop } from './agent-loop';
import { ModelLedger, type ModelLedgerOptions } from './model-ledger';
import { CheckpointSaver } from './checkpoint-saver';
import { ToolRunner } from './tool-runner';

export type Answer = Partial<ModelReply> | Error;
/** Returns the reply of the model by the number of replies in its request. */
export type Answers = (turn: number, request: ModelRequest) => Answer;

interface LoopOptions {
  runId?: string;
  limits?: Partial<AgentLimits>;
  contextTokens?: number;
  ledger?: Partial<ModelLedgerOptions>;
  maxMicros?: number | null;
  history?: string;
}

export const call = (name: string, args: Record<string, unknown> | null = {}, id = `${name}-1`) => ({ id, name, args });
export const finish = { toolCalls: [call('finish', { title: 'All done', summary: 'Because.' })] };
export const opening: ChatMessage[] = [{ role: 'user', content: 'Begin.' }];

/** Default of `TEKO_CONTEXT_TOKENS`. */
export const CONTEXT_TOKENS = 80_000;

const humanInput: HumanInput = {
  ask: async () => 'Ada: Blue, please.',
  approvePlan: async () => ({ approved: true, note: null }),
  canChangeFiles: async () => true,
};
const codeSearch = { search: async () => ({ hits: [], notice: null }) };
const insights = { remember: async () => ({ content: 'Stored.' }) };
const clock = { now: () => new Date() };

/** Creates agent loops on in-memory repositories and files, with a scripted model. */
export class LoopFixture {
  readonly files = new Map([['a.txt', 'one\ntwo\n']]);
  /** All requests to the model. */
  readonly requests: ModelRequest[] = [];
  private count = 0;

  constructor(readonly repos: RepositorySet = inMemoryRepositories()) {}

  /** Returns the loop of a new worker that claims the run. */
  async loop(answers: Answers, options: LoopOptions = {}): Promise<AgentLoop> {
    const { runId = 'run', limits, contextTokens = CONTEXT_TOKENS, maxMicros = 9, history = null } = options;
    const { signal } = new AbortController();
    const { run, lease } = await this.claim(runId);
    const ids = { next: () => `id-${++this.count}` };
    const {
      StepRepository: steps,
      ModelCallRepository: calls,
      RunRepository: runs,
      BudgetRepository: budgets,
    } = this.repos;
    const record = async () => undefined;
    const redact = (text: string) => text;
    const journal = new RunJournal({ run, lease, steps, record, clock, ids, redact, isHandedOver: () => false });
    const models = this.models(answers, maxMicros);
    const ledgerOptions = { run, lease, models, calls, runs, budgets, journal, clock, ids };
    return new AgentLoop({
      threadId: runId,
      title: 'The task',
      model: 'x:y',
      limits: { ...AGENTS.implementation.limits, ...limits },
      contextTokens,
      ledger: new ModelLedger({ ...ledgerOptions, fallback: null, recording: null, ...options.ledger }),
      journal,
      history,
      tools: new ToolRunner(
        TOOLS.filter(({ name }) => AGENTS.implementation.tools.includes(name)),
        { session: this.session, signal, changedFiles: [], humanInput, codeSearch, insights },
        journal,
        redact,
      ),
      saver: new CheckpointSaver(this.repos.CheckpointRepository),
      signal,
      instructions: [],
      onTurn: async () => undefined,
    });
  }

  /** Returns the titles of the run's note steps. */
  async noteTitles(runId = 'run'): Promise<string[]> {
    const steps = await this.repos.StepRepository.findByRun(runId);
    return steps.filter(({ kind }) => kind === 'note').map(({ title }) => title);
  }

  private async claim(runId: string) {
    const { RepositoryRepository: repositories, TaskRepository: tasks, RunRepository: runs } = this.repos;
    if (!(await repositories.findById('r'))) {
      await repositories.insert(aRepository({ id: 'r' }));
      await tasks.insert(aTask({ id: 't', repositoryId: 'r' }));
    }
    if (!(await runs.findById(runId)))
      await runs.insert(aRun({ id: runId, taskId: 't', repositoryId: 'r', status: 'queued' }));
    const now = new Date(Date.now() + ++this.count * 100_000);
    return (await runs.claim(runId, `worker-${this.count}`, now, 1))!;
  }

  private readonly session = {
    readFile: async (path: string) => {
      if (!this.files.has(path)) throw new Error(`${path} does not exist`);
      return { content: Buffer.from(this.files.get(path)!), truncated: false };
    },
    writeFile: async (path: string, content: string) => void this.files.set(path, content),
  } as unknown as SandboxSession;

  private models(answers: Answers, maxMicros: number | null): LanguageModels {
    return {
      complete: async (request) => {
        this.requests.push(request);
        const answer = answers(request.messages.filter(({ role }) => role === 'assistant').length, request);
        if (answer instanceof Error) throw answer;
        const usage = { input: 10, cacheRead: 0, cacheWrite: 0, output: 1 };
        return { content: '', toolCalls: [], usage, stopReason: 'stop', ...answer };
      },
      modelFor: () => ({ model: 'x:y', fallback: null, missingSetting: null }),
      missingSettingFor: () => null,
      price: () => 5,
      maxPrice: () => maxMicros,
    };
  }
}
