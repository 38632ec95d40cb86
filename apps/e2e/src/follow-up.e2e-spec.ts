import type { ScriptedRequest, ScriptedTurn } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import {
  startGithubScenario,
  solveThenRevise,
  taskWithStatus,
  pullRequestsOf,
  REPO,
  type GithubScenario,
} from './github-scenario';
import { requirePackages } from './required-packages';
import { sharedTeko } from './shared-teko';
import { addSmallTask, finish, modelEnv, solve, write } from './small-scenario';

requirePackages('bubblewrap');

/** Small enough that a long run has to be summarized. */
const CONTEXT_TOKENS = 12_000;
const shared = sharedTeko((server) => ({ ...modelEnv(server), TEKO_CONTEXT_TOKENS: String(CONTEXT_TOKENS) }));

const withoutTools = ({ tools }: Pick<ScriptedRequest, 'tools'>) => tools.length === 0;

/** Returns the first prompt of each run, in order of the runs. */
function firstPrompts({ model }: Pick<GithubScenario, 'model'>): string[] {
  return model.calls.filter(({ turn, tools }) => turn === 0 && tools.length > 0).map(({ text }) => text);
}

it('continues the conversation of the first run after each review of the pull request', async () => {
  const script = (request: ScriptedRequest): ScriptedTurn => {
    const turn = solveThenRevise(request);
    const first = request.turn === 0 && !request.text.includes('[thread ');
    return first && 'toolCalls' in turn ? { ...turn, text: 'The cause is line 1 of answer.txt.' } : turn;
  };
  const scenario = await startGithubScenario(script);
  const ada = scenario.github.as('ada');
  const issue = await ada.openIssue(REPO, { title: 'The answer is wrong', body: 'It has to be 42.' });
  await ada.label(REPO, issue, 'teko');
  const task = await taskWithStatus(scenario, issue, 'in_review');
  const [pullRequest] = await pullRequestsOf(scenario);
  const reviewed = (body: string, count: number) => {
    const comments = [{ path: 'answer.txt', line: 1, body }];
    const review = ada.review(REPO, pullRequest!.number, { event: 'REQUEST_CHANGES', body: 'One thing.', comments });
    return review.then(() =>
      eventually(async () => {
        const runs = await scenario.teko.rows(`/runs?taskId=${task.id}&status=succeeded&sort=number&order=ASC`);
        expect(runs, scenario.teko.output.slice(-1000)).toHaveLength(count);
        return runs;
      }),
    );
  };
  await reviewed('Say that it was asked for.', 2);
  await taskWithStatus(scenario, issue, 'in_review');
  const runs = await reviewed('Say it shorter.', 3);

  const [first, second, third] = firstPrompts(scenario);
  expect(first).not.toContain('You have worked on this task before');
  expect(second).toContain('You have worked on this task before. This is the record of those runs.');
  expect(second).toContain('[agent] The cause is line 1 of answer.txt.');
  expect(second).toContain('[agent calls write_file] {"path":"answer.txt","content":"42\\n"}');
  expect(second).toContain('ended with outcome gate_green');
  expect(second!.indexOf('You have worked')).toBeLessThan(second!.indexOf('Say that it was asked for.'));
  // The third prompt includes the first review and the reply to it; an old thread is not answered again.
  expect(third).toContain('The cause is line 1 of answer.txt.');
  expect(third).toMatch(/was instructed:[\s\S]*\[an earlier thread\][\s\S]*Say that it was asked for\./);
  expect(third).toContain('[agent calls reply_to_thread]');
  expect(third!.match(/\[thread /g)).toHaveLength(1);

  const calls = scenario.model.calls.length;
  await taskWithStatus(scenario, issue, 'in_review');
  let replayed = runs[1]!.id;
  for (const which of ['a replay', 'a replay of it']) {
    replayed = (await scenario.teko.post(`/runs/${replayed}/replay`)).id;
    await eventually(async () =>
      expect(await scenario.teko.get(`/runs/${replayed}`), which).toMatchObject({ outcome: 'replayed' }),
    );
  }
  expect(scenario.model.calls, 'replays use the recorded responses without model calls').toHaveLength(calls);
});

it('tells a retry what was tried before and with which outcome', async () => {
  const { server, teko } = shared;
  shared.useScript(({ turn, text }) => {
    if (text.includes('You have worked on this task before')) return [solve, finish][turn] ?? finish;
    return turn === 0 ? { ...write('answer.txt', '43\n'), text: 'I will try 43.' } : finish;
  });
  const task = await addSmallTask(teko);
  expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'failed', outcome: 'gate_red' });
  await teko.post(`/tasks/${task.id}/runs`);
  await eventually(async () => expect(await teko.rows(`/runs?taskId=${task.id}`)).toHaveLength(2));
  expect(await teko.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
  const second = firstPrompts({ model: server })[1]!;
  expect(second).toContain('The changes of those runs are not in the workspace.');
  expect(second).toContain('[agent] I will try 43.');
  expect(second).toMatch(/ended with outcome gate_red/);
});

it('summarizes earlier turns of a long run within the token limit; its replay uses the recorded summary', async () => {
  const printNumbers = (n: number): ScriptedTurn => ({
    toolCalls: [{ name: 'run_command', args: { command: `seq -s ' ' ${n}00000 ${n}00400` } }],
  });
  const turns = [...Array.from({ length: 60 }, (_, n) => printNumbers(n + 1)), solve, finish];
  // The turn number restarts after a summary, so the script counts its own calls.
  const script = (request: ScriptedRequest): ScriptedTurn =>
    withoutTools(request) ? { text: 'All of it is numbers.' } : (turns.shift() ?? finish);
  const { server, teko } = shared;
  shared.useScript(script);
  const task = await addSmallTask(teko);
  const run = await teko.finishedRun(task.id);
  expect(run).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
  const steps = await teko.rows<{ title: string; output: string }>(`/runs/${run.id}/steps?perPage=500`);
  const summaries = steps.filter(({ title }) => title === 'Earlier turns were summarized');
  expect(summaries.length).toBeGreaterThan(0);
  expect(summaries[0]!.output).toMatch(/^Reduced from about \d+ to \d+ tokens\.\n\nAll of it is numbers\./);
  for (const call of server.calls) expect(call.text.length).toBeLessThan(CONTEXT_TOKENS * 3.5);
  expect(server.calls.filter(withoutTools)).toHaveLength(summaries.length);

  const calls = server.calls.length;
  const replay = await teko.post(`/runs/${run.id}/replay`);
  await eventually(async () => expect(await teko.get(`/runs/${replay.id}`)).toMatchObject({ outcome: 'replayed' }));
  expect(server.calls).toHaveLength(calls);
});
