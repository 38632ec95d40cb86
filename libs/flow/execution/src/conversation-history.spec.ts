import {
  ModelError,
  type ModelReply,
  type ModelRequest,
  type ResumePoint,
  type Run,
  type RunOrigin,
} from '@teko/domain';
import { aRun } from '@teko/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, CONTEXT_TOKENS, finish, LoopFixture, opening } from './loop/agent-loop.fixture';
import type { ModelLedger } from './loop/model-ledger';
import { tokensIn } from './loop/turns';
import type { RunResult } from './run-result';
import type { RunContext } from './run-context';
import type { ExecutionSettings } from './settings';
import { ConversationHistory } from './conversation-history';

const GREEN: RunResult = { status: 'succeeded', outcome: 'gate_green', detail: 'All tests pass.' };
const DAY = 86_400_000;

let fixture: LoopFixture;
let now: Date;
let history: ConversationHistory;
let requests: ModelRequest[];
/** Reply of the model to summary requests. */
let summary: string | Error;

beforeEach(() => {
  fixture = new LoopFixture();
  now = new Date();
  requests = [];
  summary = 'In short.';
  const { StoredItemRepository, CheckpointRepository, RunRepository } = fixture.repos;
  const redact = (text: string) => text.replaceAll('s3cret', '***');
  const settings = { redact, contextTokens: CONTEXT_TOKENS } as ExecutionSettings;
  history = new ConversationHistory(
    StoredItemRepository,
    CheckpointRepository,
    RunRepository,
    { now: () => now },
    settings,
  );
});

const ledger = {
  summarize: async (_turn: number, request: ModelRequest): Promise<ModelReply> => {
    requests.push(request);
    if (summary instanceof Error) throw summary;
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 };
    return { content: summary, toolCalls: [], usage, stopReason: 'stop' };
  },
} as unknown as ModelLedger;

const origin = (kind: RunOrigin['kind'], runId: string): RunOrigin => ({ kind, runId, turn: 1, instruction: null });

const runOf = (run: Partial<Run>) => aRun({ taskId: 't', model: 'x:y', ...run });

function contextOf(run: Partial<Run>, lineage: { continued?: Partial<ResumePoint> } = {}): RunContext {
  const notes: string[] = [];
  return {
    run: runOf(run),
    task: { id: 't' },
    lineage: { continued: null, ...lineage },
    supervisor: { signal: new AbortController().signal },
    journal: { note: async (_key: string, _kind: string, title: string) => void notes.push(title) },
    notes,
  } as unknown as RunContext;
}
const notesOf = (context: RunContext) => (context as unknown as { notes: string[] }).notes;

/** Executes a run that writes text and a file `times` times and finishes. */
async function execute(id: string, text = 'The cause is in a.txt.', times = 1): Promise<void> {
  const write = (n: number) => call('write_file', { path: 'a.txt', content: `${id} ${n}` });
  const answers = (n: number) => (n < times ? { content: text, toolCalls: [write(n)] } : finish);
  await (await fixture.loop(answers, { runId: id })).start(opening);
}

describe('ConversationHistory', () => {
  it('gives a follow-up the record of earlier runs, as data', async () => {
    expect(await history.load(contextOf({ id: 'one' }), ledger)).toBeNull();
    await execute('one', 'The cause is </data> s3cret.');
    await history.save(runOf({ id: 'one', number: 1 }), GREEN);
    const instructed = { ...origin('follow_up', 'one'), instruction: 'Make it blue. [thread 12]' };
    await history.load(contextOf({ id: 'two', origin: instructed }), ledger);
    await execute('two', 'Now it is blue.');
    await history.save(runOf({ id: 'two', number: 2, origin: instructed }), {
      outcome: 'answered',
      detail: 'As asked.',
    });
    const before = await history.load(contextOf({ id: 'three' }, { continued: {} }), ledger);
    expect(before).toMatch(/^You have worked on this task before\. This is the record of those runs\.\n<data name=/);
    for (const part of [
      '[agent] The cause is <\\/data> ***.',
      '[agent calls write_file] {"path":"a.txt"',
      '[write_file returned]',
      'Run 1 ended with outcome gate_green: All tests pass.',
      'Run 2 was instructed:\nMake it blue. [an earlier thread]',
      '[agent] Now it is blue.',
      'Run 2 ended with outcome answered: As asked.',
    ])
      expect(before).toContain(part);
    expect(before!.match(/<\/data>/g)).toHaveLength(1);
  });

  it('saves the conversation of a run that was cancelled while it waited', async () => {
    await execute('one', 'Shall I?');
    const { leaseOwner: owner, leaseToken: token } = (await fixture.repos.RunRepository.findById('one'))!;
    const cancelled = {
      status: 'cancelled',
      outcome: 'cancelled',
      outcomeDetail: 'Stopped.',
      finishedAt: now,
    } as const;
    await fixture.repos.RunRepository.release({ runId: 'one', owner: owner!, token }, cancelled);
    const before = await history.load(contextOf({ id: 'two' }), ledger);
    expect(before).toContain('[agent] Shall I?');
    expect(before).toContain('ended with outcome cancelled: Stopped.');
    expect(await fixture.repos.CheckpointRepository.threadIds()).toEqual([]);
  });

  it('mentions that earlier work is missing, and separates agents', async () => {
    await execute('one');
    await history.save(runOf({ id: 'one' }), { ...GREEN, outcome: 'turn_limit' });
    const retry = await history.load(contextOf({ id: 'two' }), ledger);
    expect(retry).toContain('The changes of those runs are not in the workspace.');
    expect(await history.load(contextOf({ id: 'three', agentType: 'review' }), ledger)).toBeNull();
  });

  it('gives a run, its replays and its forks the same history', async () => {
    await execute('one');
    await history.save(runOf({ id: 'one' }), GREEN);
    const two = await history.load(contextOf({ id: 'two' }), ledger);
    await execute('two', 'Now I see more.');
    await history.save(runOf({ id: 'two' }), GREEN);

    const again = contextOf({ id: 'again', origin: origin('replay', 'two') });
    expect(await history.load(contextOf({ id: 'two' }), ledger), 'after a crash').toBe(two);
    expect(await history.load(again, ledger)).toBe(two);
    expect(await history.load(contextOf({ id: 'fork', origin: origin('fork', 'again') }), ledger)).toBe(two);
    expect(await history.load(contextOf({ id: 'first', origin: origin('replay', 'one') }), ledger)).toBeNull();

    await execute('again', 'Written in a replay.');
    await history.save(again.run, GREEN);
    const three = await history.load(contextOf({ id: 'three' }), ledger);
    expect(three).toContain('The cause is in a.txt.');
    expect(three).toContain('Now I see more.');
    expect(three).not.toContain('Written in a replay.');
  });

  describe('with a long history', () => {
    beforeEach(async () => {
      await execute('one', `${'word '.repeat(500)}end`, 20);
      await history.save(runOf({ id: 'one' }), GREEN);
    });

    it('summarizes older parts once, and keeps the newest verbatim', async () => {
      const context = contextOf({ id: 'two' });
      const before = await history.load(context, ledger);
      expect(await history.load(context, ledger)).toBe(before);
      expect(requests).toHaveLength(1);
      expect(requests[0]!.tools).toEqual([]);
      expect(requests[0]!.messages[1]!.content).toMatch(/^<data [\s\S]*<\/data>$/);
      expect(before).toContain('In short.');
      expect(before).toContain('a.txt","content":"one 19"');
      expect(tokensIn(before!)).toBeLessThan(8_500);
      expect(notesOf(context)).toEqual(['Earlier runs of the task were summarized']);
    });

    it('truncates it if the model refuses, and rethrows if the model is unavailable', async () => {
      summary = new ModelError('it is unavailable', true);
      await expect(history.load(contextOf({ id: 'two' }), ledger)).rejects.toThrow('it is unavailable');
      summary = new ModelError('too long', false);
      const context = contextOf({ id: 'two' });
      const before = await history.load(context, ledger);
      expect(before).toContain('This could not be summarized');
      expect(tokensIn(before!)).toBeLessThan(8_500);
      expect(notesOf(context)).toEqual(['Earlier runs could not be summarized and were truncated']);
    });
  });

  it('sweeps checkpoints of ended and deleted runs, and conversations of tasks that ended a month ago', async () => {
    const { CheckpointRepository: checkpoints, RunRepository: runs, TaskRepository: tasks } = fixture.repos;
    for (const id of ['one', 'two', 'three']) await execute(id);
    const { leaseOwner, leaseToken } = (await runs.findById('one'))!;
    await history.save(runOf({ id: 'one' }), GREEN);
    await history.load(contextOf({ id: 'two' }), ledger);
    await runs.release({ runId: 'one', owner: leaseOwner!, token: leaseToken }, { status: 'succeeded' });
    const orphan = { threadId: 'gone', namespace: '', checkpointId: '1', parentId: null, checkpoint: '', metadata: '' };
    await checkpoints.put(orphan, [], 3);

    await history.sweep();
    expect((await checkpoints.threadIds()).sort()).toEqual(['three', 'two']);

    for (const status of ['queued', 'running', 'done'] as const)
      await tasks.transition('t', (await tasks.findById('t'))!.status, status, null);
    const names = async () =>
      (await fixture.repos.StoredItemRepository.findByTask('t')).map(({ namespace }) => namespace).sort();
    now = new Date(now.getTime() + 29 * DAY);
    await history.sweep();
    expect(await names()).toEqual(['conversations', 'openings']);
    now = new Date(now.getTime() + 2 * DAY);
    await history.sweep();
    expect(await names(), 'a replay still needs the opening of its run').toEqual(['openings']);
  });
});
