import { FULL } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { requirePackages } from './required-packages';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { finish, modelEnv, solve, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

const FLOOD = FULL ? 1000 : 200;
const CONCURRENCY = 2;

it('a flood of urgent tasks in one repository delays a task of another by no more than the active runs', async () => {
  const server = await startModel([solve, finish]);
  const env = { ...modelEnv(server), TEKO_CONCURRENCY: String(CONCURRENCY) };
  const teko = await (await TekoProcess.start(env)).signIn();
  const [flooded, quiet] = [
    await teko.post('/repositories', { name: 'flooded', url: smallRepository(), testCommand: SMALL_TEST }),
    await teko.post('/repositories', { name: 'quiet', url: smallRepository(), testCommand: SMALL_TEST }),
  ];
  const createTask = (repositoryId: string, title: string, priority: string) =>
    teko.post('/tasks', { repositoryId, kind: 'implement', title, priority });
  for (let n = 0; n < FLOOD; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => createTask(flooded.id, `Flood ${n + i}`, 'urgent')));
  }
  const runsOf = async (repositoryId: string) =>
    teko.rows<{ startedAt: string | null; queuedAt: string }>(
      `/runs?repositoryId=${repositoryId}&perPage=200&sort=number&order=ASC`,
    );
  await eventually(async () => expect((await runsOf(flooded.id)).some(({ startedAt }) => startedAt)).toBe(true));

  const single = await createTask(quiet.id, 'The only one', 'low');
  await teko.finishedRun(single.id);
  const [run] = await runsOf(quiet.id);
  const between = (await runsOf(flooded.id)).filter(
    ({ startedAt }) => startedAt !== null && startedAt > run!.queuedAt && startedAt < run!.startedAt!,
  );
  expect(between.length, 'runs of the flood that started while the single one waited').toBeLessThanOrEqual(CONCURRENCY);
  expect((await teko.rows('/tasks?status=done&status=in_review&perPage=200')).length).toBeLessThan(FLOOD / 4);
  // Do not wait for the rest of the flood.
  await teko.kill('SIGKILL');
});
