import { ModelError, type ChatMessage, type LanguageModels, type ModelReply, type SandboxSession } from '@teko/domain';
import { aRepository, aRun, aTask, inMemoryRepositories } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { AGENTS } from '../agents';
import { Journal } from '../journal';
import { TOOLS, type People } from '../tools';
import { AgentLoop } from './loop';
import { ModelLedger, type LedgerParts } from './model-ledger';
import { CheckpointSaver } from './saver';
import { ToolRunner } from './tool-runner';

type Answer = Partial<ModelReply> | Error;
const call = (name: string, args: Record<string, unknown> | null = {}, id = `${name}-1`) => ({ id, name, args });
const finish = { toolCalls: [call('finish', { title: 'All done', summary: 'Because.' })] };
const opening: ChatMessage[] = [{ role: 'user', content: 'Begin.' }];

let repos: ReturnType<typeof inMemoryRepositories>;
let files: Map<string, string>;
let asked: number;
let count = 0;

beforeEach(() => {
  repos = inMemoryRepositories();
  files = new Map([['a.txt', 'one\ntwo\n']]);
  asked = 0;
});

const session = {
  readFile: async (path: string) => {
    if (!files.has(path)) throw new Error(`${path} does not exist`);
    return Buffer.from(files.get(path)!);
  },
  writeFile: async (path: string, content: string) => void files.set(path, content),
} as unknown as SandboxSession;

const nobody: People = {
  ask: async () => '',
  approve: async () => ({ approved: true, note: null }),
  mayChange: async () => true,
};

async function loopWith(
  answers: (turn: number, model: string) => Answer,
  limits = {},
  more: Partial<LedgerParts> = {},
  worst: number | null = 9,
) {
  const { signal } = new AbortController();
  const { RepositoryRepository: repositories, TaskRepository: tasks, RunRepository: runs } = repos;
  const existing = await runs.findById('run');
  if (!existing) {
    await repositories.insert(aRepository({ id: 'r' }));
    await tasks.insert(aTask({ id: 't', repositoryId: 'r' }));
    await runs.insert(aRun({ id: 'run', taskId: 't', repositoryId: 'r', status: 'queued' }));
  }
  const { run, lease } = (await runs.claim('run', `worker-${++count}`, new Date(Date.now() + count * 100_000), 1))!;
  const clock = { now: () => new Date() };
  const ids = { next: () => `id-${++count}` };
  const journal = new Journal({
    run,
    lease,
    steps: repos.StepRepository,
    record: async () => undefined,
    clock,
    ids,
    redact: (text) => text,
    passedOn: () => false,
  });
  const models: LanguageModels = {
    complete: async ({ messages, model }) => {
      asked++;
      const answer = answers(messages.filter(({ role }) => role === 'assistant').length, model);
      if (answer instanceof Error) throw answer;
      return {
        content: '',
        toolCalls: [],
        usage: { input: 10, cacheRead: 0, cacheWrite: 0, output: 1 },
        stopReason: 'stop',
        ...answer,
      };
    },
    modelFor: () => ({ model: 'x:y', fallback: null, missing: null }),
    missingFor: () => null,
    price: () => 5,
    worstPrice: () => worst,
  };
  const ledger = new ModelLedger({
    run,
    lease,
    models,
    calls: repos.ModelCallRepository,
    runs,
    budgets: repos.BudgetRepository,
    journal,
    clock,
    ids,
    ...{ fallback: null, recording: null, ...more },
  });
  const tools = new ToolRunner(
    TOOLS.filter(({ name }) => AGENTS.implementation.tools.includes(name)),
    { session, signal, changedFiles: [], people: nobody },
    journal,
    (text) => text,
  );
  return new AgentLoop({
    threadId: 'run',
    model: 'x:y',
    limits: { ...AGENTS.implementation.limits, ...limits },
    ledger,
    tools,
    saver: new CheckpointSaver(repos.CheckpointRepository),
    signal,
    instructions: [],
    onTurn: async () => undefined,
  });
}

describe('AgentLoop', () => {
  it('lets the model work until it finishes, and counts what it costs', async () => {
    const edit = { toolCalls: [call('edit_file', { path: 'a.txt', oldText: 'two', newText: 'three' })] };
    const result = await (await loopWith((turn) => [edit, finish][turn]!)).start(opening);
    expect(result).toMatchObject({ finish: { title: 'All done' }, stop: null, turn: 2 });
    expect(files.get('a.txt')).toBe('one\nthree\n');
    expect(await repos.RunRepository.findById('run')).toMatchObject({
      inputTokens: 20,
      outputTokens: 2,
      costMicros: 10,
    });
  });

  it('goes on after a crash: no answered call is paid again, no finished tool runs again', async () => {
    const turns: Answer[] = [
      { toolCalls: [call('write_file', { path: 'b.txt', content: 'x' })] },
      new ModelError('the connection broke', true),
      finish,
    ];
    await expect((await loopWith((turn) => turns[turn]!)).start(opening)).rejects.toThrow('the connection broke');
    files.set('b.txt', 'changed after the crash');
    turns[1] = finish;
    const result = await (await loopWith((turn) => turns[turn]!)).start(opening);
    expect(result.finish).not.toBeNull();
    expect(files.get('b.txt')).toBe('changed after the crash');
    expect(asked).toBe(3);
  });

  it('goes on with another model where its own does not answer, and pays neither twice', async () => {
    const edit = { toolCalls: [call('write_file', { path: 'b.txt', content: 'x' })] };
    const answers = (turn: number, model: string): Answer =>
      model === 'x:y' ? new ModelError('it is away', true) : [edit, new ModelError('gone too', true), finish][turn]!;
    await expect((await loopWith(answers, {}, { fallback: 'x:z' })).start(opening)).rejects.toThrow('gone too');
    const later = (turn: number, model: string): Answer => (turn === 1 ? finish : answers(turn, model));
    expect((await (await loopWith(later, {}, { fallback: 'x:z' })).start(opening)).finish).not.toBeNull();
    const calls = await repos.ModelCallRepository.findByRun('run');
    expect(calls.map(({ key, model, status }) => [key.split(':')[1], model, status])).toEqual([
      ['1', 'x:y', 'failed'],
      ['1', 'x:z', 'done'],
      ['2', 'x:z', 'failed'],
      ['2', 'x:y', 'done'],
    ]);
    const notes = (await repos.StepRepository.findByRun('run')).filter(({ kind }) => kind === 'note');
    expect(notes.map(({ title }) => title)).toEqual(['x:y does not answer; x:z goes on']);
  });

  it('asks no model whose price is not known', async () => {
    const loop = await loopWith(() => finish, {}, {}, null);
    await expect(loop.start(opening)).rejects.toThrow(/price of x:y is not known.*TEKO_PRICES/);
    expect(asked).toBe(0);
  });

  it('takes the gate’s answer back in, each round once', async () => {
    const loop = await loopWith(() => finish);
    await loop.start(opening);
    const message: ChatMessage = { role: 'user', content: 'The tests fail.' };
    expect((await loop.repair(1, message)).turn).toBe(2);
    expect((await loop.repair(1, message)).turn).toBe(2);
    expect((await loop.repair(2, message)).turn).toBe(3);
  });

  it.each<[string, (turn: number) => Answer, object, string]>([
    ['asks for a tool that is not there', (turn) => ({ toolCalls: [call('deploy', { turn })] }), {}, 'no_progress'],
    [
      'sends arguments that are no JSON',
      (turn) => ({ toolCalls: [{ id: `c${turn}`, name: 'read_file', args: null, rawArgs: '{' }] }),
      {},
      'no_progress',
    ],
    ['sends wrong arguments', (turn) => ({ toolCalls: [call('read_file', { path: '', turn })] }), {}, 'no_progress'],
    ['does the same again and again', () => ({ toolCalls: [call('read_file', { path: 'a.txt' })] }), {}, 'no_progress'],
    ['only talks', () => ({ content: 'I am done!' }), {}, 'not_finished'],
    [
      'needs too many turns',
      (turn) => ({ toolCalls: [call('write_file', { path: 'a.txt', content: String(turn) })] }),
      { turns: 6 },
      'turn_limit',
    ],
    [
      'needs too many tokens',
      (turn) => ({ toolCalls: [call('write_file', { path: 'a.txt', content: String(turn) })] }),
      { tokens: 40 },
      'token_limit',
    ],
  ])('ends when the model %s', async (_what, answers, limits, outcome) => {
    const result = await (await loopWith(answers, limits)).start(opening);
    expect(result).toMatchObject({ finish: null, stop: { outcome } });
  });

  it('tells calls of one turn apart when the server gives them one id', async () => {
    const both = {
      toolCalls: [
        call('write_file', { path: 'x', content: '1' }, 'same'),
        call('write_file', { path: 'y', content: '2' }, 'same'),
      ],
    };
    await (await loopWith((turn) => [both, finish][turn]!)).start(opening);
    expect([files.get('x'), files.get('y')]).toEqual(['1', '2']);
  });

  it('stores each message once, and the last checkpoints only', async () => {
    await (
      await loopWith((turn) =>
        turn < 30 ? { toolCalls: [call('write_file', { path: 'a.txt', content: String(turn) })] } : finish,
      )
    ).start(opening);
    expect(await repos.CheckpointRepository.list('run', '')).toHaveLength(3);
    const [last] = await repos.CheckpointRepository.list('run', '', 1);
    expect(last!.checkpoint.length).toBeLessThan(10_000);
  });
});
