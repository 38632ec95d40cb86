import type { ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { requirePackages } from './required-packages';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { sharedTeko } from './shared-teko';
import { addSmallTask, solve } from './small-scenario';

requirePackages('bubblewrap');

const sample = SAMPLES[0]!;
const TEST_FILE = 'test/ms.test.js';
const finish: ScriptedTurn = {
  toolCalls: [{ name: 'finish', args: { title: 'Done', summary: 'All tests pass now.' } }],
};
const edit = (path: string, oldText: string, newText: string): ScriptedTurn => ({
  toolCalls: [{ name: 'edit_file', args: { path, oldText, newText } }],
});

/** Title, turns (the last one is repeated) and allowed outcomes. */
const CASES: [string, ScriptedTurn[], string[]][] = [
  ['finishes without an edit', [finish], ['no_change']],
  ['edits and breaks a test', [edit('index.js', 'return n * d;', 'return n * h;'), finish], ['gate_red']],
  ['changes the failing test to expect the bug', [edit(TEST_FILE, '604800000', '86400000'), finish], ['tests_changed']],
  [
    'deletes the failing test',
    [{ toolCalls: [{ name: 'run_command', args: { command: `sed -i /weeks/d ${TEST_FILE}` } }] }, finish],
    ['tests_changed', 'gate_red'],
  ],
  [
    'calls a tool that does not exist',
    [{ toolCalls: [{ name: 'deploy_to_production', args: {} }] }],
    ['no_progress', 'turn_limit', 'no_change'],
  ],
  ['sends invalid JSON', [{ brokenJson: 'edit_file' }], ['no_progress', 'turn_limit', 'no_change']],
  ['closes the stream in the middle of a response', [{ halfStream: true }], ['model_error']],
  [
    'repeats the same call',
    [{ toolCalls: [{ name: 'list_files', args: { path: '.' } }] }],
    ['no_progress', 'turn_limit'],
  ],
];

const shared = sharedTeko();

it.each(CASES)('fails a run with a reason if the model %s', async (_title, turns, outcomes) => {
  shared.useScript(({ turn }) => turns[Math.min(turn, turns.length - 1)]!);
  const { teko } = shared;
  const task = await teko.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  const run = await teko.finishedRun(task.id);
  expect(run.status).toBe('failed');
  expect(outcomes).toContain(run.outcome);
  expect(run.outcomeDetail).toEqual(expect.stringMatching(/\w+ \w+/));
  expect(await teko.rows(`/changes?runId=${run.id}`)).toEqual([]);
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({
    status: 'failed',
    statusReason: expect.stringMatching(/\w/),
  });
});

it('keeps the branch of a result that the tests do not prove', async () => {
  shared.useScript(({ turn }) => [solve, finish][Math.min(turn, 1)]!);
  const { teko } = shared;
  const task = await addSmallTask(teko, { testCommand: 'true' });
  const run = await teko.finishedRun(task.id);
  expect(run).toMatchObject({
    ...{ status: 'failed', outcome: 'not_proven', repairRound: 0 },
    ...{ branch: expect.stringMatching(/answer/), resumePoint: { verdict: 'not_proven' } },
    outcomeDetail: expect.stringMatching(/still pass when the code is broken.*Check the test command.*saved on branch/),
  });
  expect(await teko.rows(`/changes?runId=${run.id}`)).toEqual([]);
});

it('saves the work of a run that hits a limit, and does not deliver it although the tests pass', async () => {
  const read: ScriptedTurn = { toolCalls: [{ name: 'read_file', args: { path: 'answer.txt' } }] };
  shared.useScript(({ turn }) => (turn === 0 ? solve : read));
  const { teko } = shared;
  const run = await teko.finishedRun((await addSmallTask(teko)).id);
  expect(run).toMatchObject({
    ...{ status: 'failed', outcome: 'no_progress', gate: { verdict: 'green' }, resumePoint: { verdict: 'green' } },
    outcomeDetail: expect.stringMatching(/same calls 4 times.*was not delivered.*saved on branch teko\//),
  });
});

it('takes text after a reminder as the summary of an agent that does not call finish', async () => {
  shared.useScript(({ turn }) => (turn === 0 ? solve : { text: 'The answer is 42 now.' }));
  const { teko } = shared;
  const run = await teko.finishedRun((await addSmallTask(teko)).id);
  expect(run).toMatchObject({ status: 'succeeded', outcome: 'gate_green', summary: 'The answer is 42 now.', turns: 3 });
  expect(await teko.rows(`/changes?runId=${run.id}`)).toMatchObject([{ title: 'The answer is wrong' }]);
});
