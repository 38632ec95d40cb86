import { ModelError, type ChatMessage, type ModelRequest } from '@teko/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { call, finish, LoopFixture, opening, type Answer } from './agent-loop.fixture';

let fixture: LoopFixture;

beforeEach(() => {
  fixture = new LoopFixture();
});

describe('AgentLoop', () => {
  it('runs until the model calls finish, and records tokens and cost', async () => {
    const edit = { toolCalls: [call('edit_file', { path: 'a.txt', oldText: 'two', newText: 'three' })] };
    const result = await (await fixture.loop((turn) => [edit, finish][turn]!)).start(opening);
    expect(result).toMatchObject({ finish: { title: 'All done' }, stop: null, turn: 2 });
    expect(fixture.files.get('a.txt')).toBe('one\nthree\n');
    expect(await fixture.repos.RunRepository.findById('run')).toMatchObject({
      inputTokens: 20,
      outputTokens: 2,
      costMicros: 10,
    });
  });

  it('resumes after a crash without repeating completed model calls or tools', async () => {
    const turns: Answer[] = [
      { toolCalls: [call('write_file', { path: 'b.txt', content: 'x' })] },
      new ModelError('the connection broke', true),
      finish,
    ];
    await expect((await fixture.loop((turn) => turns[turn]!)).start(opening)).rejects.toThrow('the connection broke');
    fixture.files.set('b.txt', 'changed after the crash');
    turns[1] = finish;
    const result = await (await fixture.loop((turn) => turns[turn]!)).start(opening);
    expect(result.finish).not.toBeNull();
    expect(fixture.files.get('b.txt')).toBe('changed after the crash');
    expect(fixture.requests.length).toBe(3);
  });

  it('continues with the fallback if the model does not respond, and charges no call twice', async () => {
    const edit = { toolCalls: [call('write_file', { path: 'b.txt', content: 'x' })] };
    const answers = (turn: number, { model }: ModelRequest): Answer =>
      model === 'x:y'
        ? new ModelError('it is unavailable', true)
        : [edit, new ModelError('also unavailable', true), finish][turn]!;
    await expect((await fixture.loop(answers, { ledger: { fallback: 'x:z' } })).start(opening)).rejects.toThrow(
      'also unavailable',
    );
    const later = (turn: number, request: ModelRequest): Answer => (turn === 1 ? finish : answers(turn, request));
    expect((await (await fixture.loop(later, { ledger: { fallback: 'x:z' } })).start(opening)).finish).not.toBeNull();
    const calls = await fixture.repos.ModelCallRepository.findByRun('run');
    expect(calls.map(({ key, model, status }) => [key.split(':')[1], model, status])).toEqual([
      ['1', 'x:y', 'failed'],
      ['1', 'x:z', 'done'],
      ['2', 'x:z', 'failed'],
      ['2', 'x:y', 'done'],
    ]);
    expect(await fixture.noteTitles()).toEqual(['x:y does not respond; using x:z']);
  });

  it('does not call a model without a price', async () => {
    const loop = await fixture.loop(() => finish, { maxMicros: null });
    await expect(loop.start(opening)).rejects.toThrow(/price of x:y is not known.*TEKO_PRICES/);
    expect(fixture.requests.length).toBe(0);
  });

  it('runs each repair round once', async () => {
    const loop = await fixture.loop(() => finish);
    await loop.start(opening);
    const message: ChatMessage = { role: 'user', content: 'The tests fail.' };
    expect((await loop.repair(1, message)).turn).toBe(2);
    expect((await loop.repair(1, message)).turn).toBe(2);
    expect((await loop.repair(2, message)).turn).toBe(3);
  });

  it.each<[string, (turn: number) => Answer, object, string]>([
    ['calls an unknown tool', (turn) => ({ toolCalls: [call('deploy', { turn })] }), {}, 'no_progress'],
    [
      'sends arguments that are not JSON',
      (turn) => ({ toolCalls: [{ id: `c${turn}`, name: 'read_file', args: null, rawArgs: '{' }] }),
      {},
      'no_progress',
    ],
    ['sends invalid arguments', (turn) => ({ toolCalls: [call('read_file', { path: '', turn })] }), {}, 'no_progress'],
    ['repeats the same call', () => ({ toolCalls: [call('read_file', { path: 'a.txt' })] }), {}, 'no_progress'],
    ['calls no tool', () => ({ content: 'I am done!' }), {}, 'not_finished'],
    [
      'exceeds the turn limit',
      (turn) => ({ toolCalls: [call('write_file', { path: 'a.txt', content: String(turn) })] }),
      { turns: 6 },
      'turn_limit',
    ],
    [
      'exceeds the token limit',
      (turn) => ({ toolCalls: [call('write_file', { path: 'a.txt', content: String(turn) })] }),
      { tokens: 40 },
      'token_limit',
    ],
  ])('ends when the model %s', async (_what, answers, limits, outcome) => {
    const result = await (await fixture.loop(answers, { limits })).start(opening);
    expect(result).toMatchObject({ finish: null, stop: { outcome } });
  });

  const edit: Answer = { toolCalls: [call('edit_file', { path: 'a.txt', oldText: 'two', newText: 'three' })] };
  const text: Answer = { content: ' It is 3 now. ' };
  const failing: Answer = { toolCalls: [call('deploy')] };
  const summary = { title: 'The task', summary: 'It is 3 now.' };
  it.each<[string, Answer[], object]>([
    ['text after work, and again after a reminder', [edit, text, text], { turn: 3, finish: summary, stop: null }],
    ['text, and finish after a reminder', [edit, text, finish], { turn: 3, finish: { title: 'All done' }, stop: null }],
    ['text between work', [edit, text, edit, text, text], { turn: 5, finish: summary }],
    ['text after failed calls', [edit, failing, failing, text, text], { turn: 5, finish: summary }],
    ['text without any work', [text, text, text], { turn: 3, finish: null, stop: { outcome: 'not_finished' } }],
    ['text after failed work', [failing, text, text, text], { turn: 4, stop: { outcome: 'not_finished' } }],
    ['nothing', [edit, {}, {}, {}], { turn: 4, finish: null, stop: { outcome: 'not_finished' } }],
    ['nothing, then text', [edit, {}, text], { turn: 3, finish: summary }],
    [
      'text and failed calls in turns',
      [edit, text, failing, text, failing, text],
      { stop: { outcome: 'no_progress' } },
    ],
  ])('reminds once of a reply without a call: %s', async (_what, answers, expected) => {
    const result = await (await fixture.loop((turn) => answers[turn]!)).start(opening);
    expect(result).toMatchObject(expected);
  });

  it('reminds again in a repair round', async () => {
    const loop = await fixture.loop((turn) => [edit, text, text, text, finish][turn]!);
    await loop.start(opening);
    expect((await loop.repair(1, { role: 'user', content: 'The tests fail.' })).finish).toEqual({
      title: 'All done',
      summary: 'Because.',
    });
  });

  it('runs all calls of a turn if the server gives them the same id', async () => {
    const both = {
      toolCalls: [
        call('write_file', { path: 'x', content: '1' }, 'same'),
        call('write_file', { path: 'y', content: '2' }, 'same'),
      ],
    };
    await (await fixture.loop((turn) => [both, finish][turn]!)).start(opening);
    expect([fixture.files.get('x'), fixture.files.get('y')]).toEqual(['1', '2']);
  });

  it('stores each message once, and only the last checkpoints', async () => {
    await (
      await fixture.loop((turn) =>
        turn < 30 ? { toolCalls: [call('write_file', { path: 'a.txt', content: String(turn) })] } : finish,
      )
    ).start(opening);
    expect(await fixture.repos.CheckpointRepository.list('run', '')).toHaveLength(3);
    const [last] = await fixture.repos.CheckpointRepository.list('run', '', 1);
    expect(last!.checkpoint.length).toBeLessThan(10_000);
  });
});
