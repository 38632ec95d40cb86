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
import { call, CONTEXT_TOKENS, finish, LoopFixture, opening } from './agent/loop.fixture';
import type { ModelLedger } from './agent/model-ledger';
import { tokensIn } from './agent/turns';
import type { RunResult } from './run-result';
import type { RunContext } from './run-context';
import type { ExecutionSettings } from './settings';
import { ConversationHistory } from './conversation-history';

const GREEN: RunResult = { status: 'succeeded', outcome: 'gate_green', detail: 'All tests pass.' };
const DAY = 86_400_000;

let fixture: LoopFixture;
let now: Date;
let threads: ConversationHistory;
let asked: ModelRequest[];
/** What the model answers where it is to sum up. */
let summary: string | Error;

beforeEach(() => {
  fixture = new LoopFixture();
  now = new Date();
  asked = [];
  summary = 'In short.';
  const { StoredItemRepository, CheckpointRepository, RunRepository } = fixture.repos;
  const redact = (text: string) => text.replaceAll('s3cret', '***');
  const settings = { redact, contextTokens: CONTEXT_TOKENS } as ExecutionSettings;
  threads = new ConversationHistory(
    StoredItemRepository,
    CheckpointRepository,
    RunRepository,
    { now: () => now },
    settings,
  );
});

const ledger = {
  sumUp: async (_turn: number, request: ModelRequest): Promise<ModelReply> => {
    asked.push(request);
    if (summary instanceof Error) throw summary;
    const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 };
    return { content: summary, toolCalls: [], usage, stopReason: 'stop' };
  },
} as unknown as ModelLedger;

const origin = (kind: RunOrigin['kind'], runId: string): RunOrigin => ({ kind, runId, turn: 1, instruction: null });

const runOf = (run: Partial<Run>) => aRun({ taskId: 't', model: 'x:y', ...run });

function scopeOf(run: Partial<Run>, lineage: { continued?: Partial<ResumePoint> } = {}): RunContext {
  const notes: string[] = [];
  return {
    run: runOf(run),
    task: { id: 't' },
    lineage: { continued: null, ...lineage },
    control: { signal: new AbortController().signal },
    journal: { note: async (_key: string, _kind: string, title: string) => void notes.push(title) },
    notes,
  } as unknown as RunContext;
}
const notesOf = (scope: RunContext) => (scope as unknown as { notes: string[] }).notes;

/** A run that says something and writes a file, again and again, and ends. */
async function worked(id: string, says = 'The cause is in a.txt.', times = 1): Promise<void> {
  const write = (n: number) => call('write_file', { path: 'a.txt', content: `${id} ${n}` });
  const answers = (n: number) => (n < times ? { content: says, toolCalls: [write(n)] } : finish);
  await (await fixture.loop(answers, { runId: id })).start(opening);
}

describe('ConversationHistory', () => {
  it('tells a follow-up what was done, said and told before, as data', async () => {
    expect(await threads.before(scopeOf({ id: 'one' }), ledger)).toBeNull();
    await worked('one', 'The cause is </data> s3cret.');
    await threads.keep(runOf({ id: 'one', number: 1 }), GREEN);
    const told = { ...origin('follow_up', 'one'), instruction: 'Make it blue. [thread 12]' };
    await threads.before(scopeOf({ id: 'two', origin: told }), ledger);
    await worked('two', 'Now it is blue.');
    await threads.keep(runOf({ id: 'two', number: 2, origin: told }), { outcome: 'answered', detail: 'As asked.' });
    const before = await threads.before(scopeOf({ id: 'three' }, { continued: {} }), ledger);
    expect(before).toMatch(/^You have worked on this task before\. This is the record of those runs\.\n<data name=/);
    for (const part of [
      '[agent says] The cause is <\\/data> ***.',
      '[agent calls write_file] {"path":"a.txt"',
      '[write_file answers]',
      'Run 1 ended as gate_green: All tests pass.',
      'Run 2 was told:\nMake it blue. [a thread of then]',
      '[agent says] Now it is blue.',
      'Run 2 ended as answered: As asked.',
    ])
      expect(before).toContain(part);
    expect(before!.match(/<\/data>/g)).toHaveLength(1);
  });

  it('keeps what a run said that was cancelled while it waited', async () => {
    await worked('one', 'Shall I?');
    const { leaseOwner: owner, leaseToken: token } = (await fixture.repos.RunRepository.findById('one'))!;
    const cancelled = {
      status: 'cancelled',
      outcome: 'cancelled',
      outcomeDetail: 'Stopped.',
      finishedAt: now,
    } as const;
    await fixture.repos.RunRepository.release({ runId: 'one', owner: owner!, token }, cancelled);
    const before = await threads.before(scopeOf({ id: 'two' }), ledger);
    expect(before).toContain('[agent says] Shall I?');
    expect(before).toContain('ended as cancelled: Stopped.');
    expect(await fixture.repos.CheckpointRepository.threadIds()).toEqual([]);
  });

  it('says where the work of before is not there, and keeps agents apart', async () => {
    await worked('one');
    await threads.keep(runOf({ id: 'one' }), { ...GREEN, outcome: 'turn_limit' });
    const retry = await threads.before(scopeOf({ id: 'two' }), ledger);
    expect(retry).toContain('What was changed in them is not in the workspace.');
    expect(await threads.before(scopeOf({ id: 'three', agentType: 'review' }), ledger)).toBeNull();
  });

  it('gives a run, and what replays or forks it, always the same', async () => {
    await worked('one');
    await threads.keep(runOf({ id: 'one' }), GREEN);
    const two = await threads.before(scopeOf({ id: 'two' }), ledger);
    await worked('two', 'Now I see more.');
    await threads.keep(runOf({ id: 'two' }), GREEN);

    const again = scopeOf({ id: 'again', origin: origin('replay', 'two') });
    expect(await threads.before(scopeOf({ id: 'two' }), ledger), 'after a crash').toBe(two);
    expect(await threads.before(again, ledger)).toBe(two);
    expect(await threads.before(scopeOf({ id: 'fork', origin: origin('fork', 'again') }), ledger)).toBe(two);
    expect(await threads.before(scopeOf({ id: 'first', origin: origin('replay', 'one') }), ledger)).toBeNull();

    await worked('again', 'Said in a replay.');
    await threads.keep(again.run, GREEN);
    const three = await threads.before(scopeOf({ id: 'three' }), ledger);
    expect(three).toContain('The cause is in a.txt.');
    expect(three).toContain('Now I see more.');
    expect(three).not.toContain('Said in a replay.');
  });

  describe('with a long thread', () => {
    beforeEach(async () => {
      await worked('one', `${'word '.repeat(500)}end`, 20);
      await threads.keep(runOf({ id: 'one' }), GREEN);
    });

    it('has what is older summed up, once, and the newest word for word', async () => {
      const scope = scopeOf({ id: 'two' });
      const before = await threads.before(scope, ledger);
      expect(await threads.before(scope, ledger)).toBe(before);
      expect(asked).toHaveLength(1);
      expect(asked[0]!.tools).toEqual([]);
      expect(asked[0]!.messages[1]!.content).toMatch(/^<data [\s\S]*<\/data>$/);
      expect(before).toContain('In short.');
      expect(before).toContain('a.txt","content":"one 19"');
      expect(tokensIn(before!)).toBeLessThan(8_500);
      expect(notesOf(scope)).toEqual(['Earlier runs of the task were summed up']);
    });

    it('cuts it where the model refuses, and waits where it is away', async () => {
      summary = new ModelError('it is away', true);
      await expect(threads.before(scopeOf({ id: 'two' }), ledger)).rejects.toThrow('it is away');
      summary = new ModelError('too long', false);
      const scope = scopeOf({ id: 'two' });
      const before = await threads.before(scope, ledger);
      expect(before).toContain('This could not be summed up');
      expect(tokensIn(before!)).toBeLessThan(8_500);
      expect(notesOf(scope)).toEqual(['Earlier runs could not be summed up and were cut']);
    });
  });

  it('sweeps checkpoints of runs that are over or gone, and threads of tasks that are over for a month', async () => {
    const { CheckpointRepository: checkpoints, RunRepository: runs, TaskRepository: tasks } = fixture.repos;
    for (const id of ['one', 'two', 'three']) await worked(id);
    const { leaseOwner, leaseToken } = (await runs.findById('one'))!;
    await threads.keep(runOf({ id: 'one' }), GREEN);
    await threads.before(scopeOf({ id: 'two' }), ledger);
    await runs.release({ runId: 'one', owner: leaseOwner!, token: leaseToken }, { status: 'succeeded' });
    const gone = { threadId: 'gone', namespace: '', checkpointId: '1', parentId: null, checkpoint: '', metadata: '' };
    await checkpoints.put(gone, [], 3);

    await threads.sweep();
    expect((await checkpoints.threadIds()).sort()).toEqual(['three', 'two']);

    for (const status of ['queued', 'running', 'done'] as const)
      await tasks.transition('t', (await tasks.findById('t'))!.status, status, null);
    const names = async () =>
      (await fixture.repos.StoredItemRepository.findByTask('t')).map(({ namespace }) => namespace).sort();
    now = new Date(now.getTime() + 29 * DAY);
    await threads.sweep();
    expect(await names()).toEqual(['conversations', 'openings']);
    now = new Date(now.getTime() + 2 * DAY);
    await threads.sweep();
    expect(await names(), 'a replay still needs what its run was told').toEqual(['openings']);
  });
});
