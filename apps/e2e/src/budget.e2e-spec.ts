import { startModelServer, type ModelServer } from '@teko/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const sample = SAMPLES[0]!;
const RUNS = 50;
/** What a call of the script costs at these prices: 1000 in at $3, 200 out at $15 for a million. */
const PRICES = 'openai:scripted=3/0.3/15';
const CALL_MICROS = 1000 * 3 + 200 * 15;
/** The worst price of one call is about 300,000 (16,000 tokens of answer and what is sent), so this holds a few at a time. */
const LIMIT_MICROS = 900_000;

let teko: TekoProcess | undefined;
let server: ModelServer | undefined;
afterEach(async () => {
  await teko?.stop();
  await server?.close();
});

const usage = { input: 1000, output: 200 };
const edit = { path: sample.file, oldText: sample.wrong, newText: sample.right };

async function start(env: Record<string, string> = {}): Promise<TekoProcess> {
  server = await startModelServer(({ turn }) => {
    const [name, args] = turn === 0 ? ['list_files', { path: '.' }] : ['edit_file', edit];
    return turn < 2
      ? { toolCalls: [{ name: name as string, args: args as Record<string, unknown> }], usage }
      : { toolCalls: [{ name: 'finish', args: { title: 'Mend weeks', summary: '' } }], usage };
  });
  const settings = { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'story-key' };
  teko = await (await TekoProcess.start({ ...settings, TEKO_PRICES: PRICES, TEKO_CONCURRENCY: '12', ...env })).signIn();
  return teko;
}

it('fifty runs side by side never pass a budget, by the ledger and by the model server’s own count', async () => {
  await start();
  const budget = await teko!.post('/budgets', { scope: 'installation', period: 'month', limitMicros: LIMIT_MICROS });
  const repository = await teko!.post('/repositories', { name: 'story', url: brokenRepository(sample) });
  for (let n = 0; n < RUNS; n++) {
    await teko!.post('/tasks', { repositoryId: repository.id, kind: 'implement', title: `Weeks are wrong ${n}` });
  }
  const ended = await vi.waitFor(
    async () => {
      const runs = await teko!.rows<{ status: string; outcome: string; outcomeDetail: string; costMicros: number }>(
        '/runs?perPage=200',
      );
      const over = runs.filter(({ status }) => ['succeeded', 'failed'].includes(status));
      expect(over).toHaveLength(RUNS);
      return over;
    },
    { timeout: 170_000, interval: 500 },
  );
  const paid = server!.calls.length * CALL_MICROS;
  const booked = ended.reduce((sum, { costMicros }) => sum + costMicros, 0);
  expect(booked).toBe(paid);
  expect(paid).toBeLessThanOrEqual(LIMIT_MICROS);
  expect(paid, 'the budget is used, not merely closed').toBeGreaterThan(LIMIT_MICROS / 3);
  expect(await teko!.get(`/budgets/${budget.id}`)).toMatchObject({ spentMicros: paid });
  const stopped = ended.filter(({ outcome }) => outcome === 'budget_limit');
  expect(stopped.length).toBeGreaterThan(0);
  expect(stopped[0]!.outcomeDetail).toMatch(/budget of \$0\.9000 a month for everything does not hold the next call/);
  expect(ended.filter(({ status }) => status === 'succeeded').length).toBeGreaterThan(0);
});

it('a model without a price is not asked; one that is said to be free is, under any budget', async () => {
  await start({ TEKO_PRICES: '' });
  const task = await teko!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  const run = await teko!.finishedRun(task.id);
  expect(run).toMatchObject({ status: 'failed', outcome: 'price_missing' });
  expect(run.outcomeDetail).toMatch(/price of openai:scripted is not known. Set it in TEKO_PRICES/);
  expect(server!.calls).toEqual([]);
  await teko!.stop();
  await server!.close();

  await start({ TEKO_PRICES: 'openai:scripted=free' });
  await teko!.post('/budgets', { scope: 'run', period: 'total', limitMicros: 1 });
  const second = await teko!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
  expect(await teko!.finishedRun(second.id)).toMatchObject({ status: 'succeeded', costMicros: 0 });
});
