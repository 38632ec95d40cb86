import { startModelServer, type ModelServer, type ScriptedTurn } from '@teko/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const sample = SAMPLES[0]!;
const TURNS: ScriptedTurn[] = [
  { toolCalls: [{ name: 'edit_file', args: { path: sample.file, oldText: sample.wrong, newText: sample.right } }] },
  { toolCalls: [{ name: 'finish', args: { title: 'Mend weeks', summary: '' } }] },
];
const DOWN: ScriptedTurn = { status: 503, headers: { 'retry-after': '0' } };

let teko: TekoProcess | undefined;
let server: ModelServer | undefined;
afterEach(async () => {
  await teko?.stop();
  await server?.close();
});

async function start(script: (turn: number) => ScriptedTurn, wait: string): Promise<TekoProcess> {
  server = await startModelServer(({ turn }) => script(turn));
  const env = { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'story-key' };
  teko = await (await TekoProcess.start({ ...env, TEKO_OUTAGE_WAIT_SECONDS: wait })).signIn();
  return teko;
}

it('an outage of the provider holds a run up instead of killing it, and no answered call is paid again', async () => {
  let down = true;
  await start((turn) => (turn === 1 && down ? DOWN : TURNS[turn]!), '2');
  const task = await teko!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  const waiting = await vi.waitFor(
    async () => {
      const [run] = await teko!.rows(`/runs?taskId=${task.id}`);
      expect(run).toMatchObject({ status: 'waiting', pauses: 1 });
      return run!;
    },
    { timeout: 60_000, interval: 100 },
  );
  expect(waiting.outcomeDetail).toMatch(/Waits until .*Z: the provider failed with status 503\./);
  expect(await teko!.get(`/tasks/${task.id}`)).toMatchObject({ status: 'queued', statusReason: waiting.outcomeDetail });
  down = false;
  const run = await teko!.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', id: waiting.id });
  expect(server!.calls.filter(({ turn }) => turn === 0)).toHaveLength(1);
  expect(run.waitedMs).toBeGreaterThan(1000);
});

it('a run fails at once where it is not to wait, and after a refusal that no waiting mends', async () => {
  await start(() => DOWN, '0');
  const task = await teko!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  expect(await teko!.finishedRun(task.id)).toMatchObject({ status: 'failed', outcome: 'model_error', pauses: 0 });
  await teko!.stop();
  await server!.close();

  await start(() => ({ status: 401 }), '1');
  const refused = await teko!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  const run = await teko!.finishedRun(refused.id);
  expect(run).toMatchObject({ status: 'failed', outcome: 'model_error', pauses: 0 });
  expect(run.outcomeDetail).toContain('check OPENAI_API_KEY');
});

it('another model goes on where the run’s own does not answer, if one is set', async () => {
  server = await startModelServer(({ provider, turn }) => (provider === 'openai' ? DOWN : TURNS[turn]!));
  teko = await (
    await TekoProcess.start({
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
      TEKO_FALLBACK_MODEL: 'anthropic:scripted',
      ANTHROPIC_BASE_URL: server.url,
      ANTHROPIC_API_KEY: 'story-key',
    })
  ).signIn();
  const task = await teko.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  const run = await teko.finishedRun(task.id);
  expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded', pauses: 0 });
  const answered = server.calls.filter(({ provider }) => provider === 'anthropic');
  expect(answered.map(({ turn }) => turn)).toEqual([0, 1]);
  const steps = await teko.rows<{ title: string }>(`/runs/${run.id}/steps`);
  expect(steps.map(({ title }) => title)).toContain('openai:scripted does not answer; anthropic:scripted goes on');
});
