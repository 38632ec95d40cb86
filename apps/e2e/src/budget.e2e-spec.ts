import { FULL, type ModelServer } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { requirePackages } from './required-packages';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { addSmallTask, finish, modelEnv, solve, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

const RUNS = FULL ? 50 : 15;
/** Usage per call. With three calls per run, all runs together cost more than the budget allows. */
const USAGE = FULL ? { input: 1000, output: 200 } : { input: 4000, output: 800 };
/** Dollars per million input, cached and output tokens. */
const PRICES = 'openai:scripted=3/0.3/15';
const CALL_MICROS = USAGE.input * 3 + USAGE.output * 15;
/** The maximum price of one call is about 300,000 (input and 16,000 output tokens), so a few calls fit at a time. */
const LIMIT_MICROS = 900_000;

const listFiles = { toolCalls: [{ name: 'list_files', args: { path: '.' } }] };

async function start(env: Record<string, string> = {}): Promise<{ teko: TekoProcess; server: ModelServer }> {
  const server = await startModel([listFiles, solve, finish].map((turn) => ({ ...turn, usage: USAGE })));
  const settings = { ...modelEnv(server), TEKO_PRICES: PRICES, TEKO_CONCURRENCY: '12', ...env };
  return { server, teko: await (await TekoProcess.start(settings)).signIn() };
}

it(`${RUNS} concurrent runs never exceed a budget, by the ledger and by the calls of the model server`, async () => {
  const { teko, server } = await start();
  const budget = await teko.post('/budgets', { scope: 'installation', period: 'month', limitMicros: LIMIT_MICROS });
  const source = { name: 'budget', url: smallRepository(), testCommand: SMALL_TEST };
  const repository = await teko.post('/repositories', source);
  for (let n = 0; n < RUNS; n++) {
    await teko.post('/tasks', { repositoryId: repository.id, kind: 'implement', title: `The answer is wrong ${n}` });
  }
  const ended = await eventually(
    async () => {
      const runs = await teko.rows<{ status: string; outcome: string; outcomeDetail: string; costMicros: number }>(
        '/runs?perPage=200',
      );
      const finished = runs.filter(({ status }) => ['succeeded', 'failed'].includes(status));
      expect(finished).toHaveLength(RUNS);
      return finished;
    },
    { timeout: 280_000, interval: 500 },
  );
  const paid = server.calls.length * CALL_MICROS;
  const booked = ended.reduce((sum, { costMicros }) => sum + costMicros, 0);
  expect(booked).toBe(paid);
  expect(paid).toBeLessThanOrEqual(LIMIT_MICROS);
  expect(paid, 'the budget is used').toBeGreaterThan(LIMIT_MICROS / 3);
  expect(await teko.get(`/budgets/${budget.id}`)).toMatchObject({ spentMicros: paid });
  const stopped = ended.filter(({ outcome }) => outcome === 'budget_limit');
  expect(stopped.length).toBeGreaterThan(0);
  expect(stopped[0]!.outcomeDetail).toMatch(
    /budget of \$0\.9000 per month for the whole installation does not cover the next call/,
  );
  expect(ended.filter(({ status }) => status === 'succeeded').length).toBeGreaterThan(0);
});

it('does not call a model without a price; calls a free model under any budget', async () => {
  const unpriced = await start({ TEKO_PRICES: '' });
  const task = await addSmallTask(unpriced.teko);
  const run = await unpriced.teko.finishedRun(task.id);
  expect(run).toMatchObject({ status: 'failed', outcome: 'price_missing' });
  expect(run.outcomeDetail).toMatch(/price of openai:scripted is not known. Set it in TEKO_PRICES/);
  expect(unpriced.server.calls).toEqual([]);
  await unpriced.teko.stop();

  const { teko } = await start({ TEKO_PRICES: 'openai:scripted=free' });
  await teko.post('/budgets', { scope: 'run', period: 'total', limitMicros: 1 });
  const second = await addSmallTask(teko);
  expect(await teko.finishedRun(second.id)).toMatchObject({ status: 'succeeded', costMicros: 0 });
});
