import { startModelServer, type ModelServer } from '@teko/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const FLOOD = 1000;
const SIDE_BY_SIDE = 2;
const sample = SAMPLES[0]!;

let teko: TekoProcess | undefined;
let server: ModelServer | undefined;
afterEach(async () => {
  await teko?.kill('SIGKILL');
  await teko?.stop();
  await server?.close();
});

it('one repository’s flood of urgent tasks holds up another’s single one by no more than what is under way', async () => {
  server = await startModelServer([
    { toolCalls: [{ name: 'edit_file', args: { path: sample.file, oldText: sample.wrong, newText: sample.right } }] },
    { toolCalls: [{ name: 'finish', args: { title: 'Mend weeks', summary: '' } }] },
  ]);
  const model = { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'story-key' };
  teko = await (await TekoProcess.start({ ...model, TEKO_CONCURRENCY: String(SIDE_BY_SIDE) })).signIn();
  const [flooded, quiet] = [
    await teko.post('/repositories', { name: 'flooded', url: brokenRepository(sample) }),
    await teko.post('/repositories', { name: 'quiet', url: brokenRepository(sample) }),
  ];
  const ask = (repositoryId: string, title: string, priority: string) =>
    teko!.post('/tasks', { repositoryId, kind: 'implement', title, priority });
  for (let n = 0; n < FLOOD; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => ask(flooded.id, `Flood ${n + i}`, 'urgent')));
  }
  const begun = async (repositoryId: string) =>
    teko!.rows<{ startedAt: string | null; queuedAt: string }>(
      `/runs?repositoryId=${repositoryId}&perPage=200&sort=number&order=ASC`,
    );
  await vi.waitFor(async () => expect((await begun(flooded.id)).some(({ startedAt }) => startedAt)).toBe(true), {
    timeout: 60_000,
    interval: 100,
  });

  const single = await ask(quiet.id, 'The only one', 'low');
  await teko.finishedRun(single.id, 60_000);
  const [run] = await begun(quiet.id);
  const between = (await begun(flooded.id)).filter(
    ({ startedAt }) => startedAt !== null && startedAt > run!.queuedAt && startedAt < run!.startedAt!,
  );
  expect(between.length, 'runs of the flood that began while the single one waited').toBeLessThanOrEqual(SIDE_BY_SIDE);
  expect((await teko.rows('/tasks?status=done&status=in_review&perPage=200')).length).toBeLessThan(FLOOD / 4);
});
