import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startModelServer, type ModelServer } from '@teko/testing';
import { afterEach, expect, it } from 'vitest';
import { needs } from './needs';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const CANCELS = 100;
const SIDE_BY_SIDE = 4;
const LATEST_MS = 3_000;
const BOUND_MS = 5_000;
const SCRIBBLE = 'while true; do date >> scribble; sleep 0.02; done';

let teko: TekoProcess | undefined;
let server: ModelServer | undefined;
afterEach(async () => {
  await teko?.stop();
  await server?.close();
});

it(
  `a cancel at any moment, ${CANCELS} times: stopped within five seconds, and nothing after it`,
  { timeout: 900_000 },
  async () => {
    server = await startModelServer(async ({ turn }) => {
      await delay(50);
      if (turn % 3 === 0)
        return { toolCalls: [{ name: 'write_file', args: { path: 'answer.txt', content: `4${turn}\n` } }] };
      const command = turn % 3 === 1 ? 'ls' : `(${SCRIBBLE}) & sleep 1`;
      return { toolCalls: [{ name: 'run_command', args: { command } }] };
    });
    const model = { TEKO_MODEL: 'openai:scripted', OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: 'story-key' };
    teko = await (await TekoProcess.start({ ...model, TEKO_CONCURRENCY: String(SIDE_BY_SIDE) })).signIn();
    const source = { name: 'cancel', url: smallRepository(), testCommand: SMALL_TEST };
    const { id: repositoryId } = await teko.post('/repositories', source);

    const phases = new Map<string, number>();
    let slowest = 0;
    for (let n = 0; n < CANCELS; n += SIDE_BY_SIDE) {
      const several = Array.from({ length: SIDE_BY_SIDE }, (_, i) => cancelled(repositoryId, n + i));
      for (const { phase, took } of await Promise.all(several)) {
        phases.set(phase, (phases.get(phase) ?? 0) + 1);
        slowest = Math.max(slowest, took);
      }
    }
    expect(phases.size, 'different moments were met').toBeGreaterThanOrEqual(3);
    expect(slowest).toBeLessThan(BOUND_MS);
    await delay(1_500);
    for (const [title, calls] of askedAtEnd) expect(callsFor(title), title).toBe(calls);
    expect(scribblers()).toBe(0);
    const lines = [...phases].map(([phase, times]) => `${phase}: ${times}`).join(', ');
    process.stdout.write(`cancelled during ${lines}; the slowest took ${slowest} ms\n`);
  },
);

const askedAtEnd = new Map<string, number>();
const callsFor = (title: string) => server!.calls.filter(({ text }) => text.includes(title)).length;

async function cancelled(repositoryId: string, n: number): Promise<{ phase: string; took: number }> {
  const task = await teko!.post('/tasks', { repositoryId, kind: 'implement', title: `To be cancelled ${n}.` });
  await delay(Math.random() * LATEST_MS);
  const [before] = await teko!.rows(`/runs?taskId=${task.id}`);
  const start = Date.now();
  await teko!.post(`/tasks/${task.id}/cancel`);
  const run = before ? await teko!.finishedRun(task.id, BOUND_MS) : undefined;
  const took = Date.now() - start;
  askedAtEnd.set(`To be cancelled ${n}.`, callsFor(`To be cancelled ${n}.`));
  // A task that had no run yet has none, or one that never began.
  for (const found of await teko!.rows(`/runs?taskId=${task.id}`)) expect(found).toMatchObject({ status: 'cancelled' });
  expect(await teko!.get(`/tasks/${task.id}`)).toMatchObject({ status: 'cancelled' });
  expect(await teko!.rows(`/changes?taskId=${task.id}`)).toEqual([]);
  expect(await teko!.rows(`/comments?taskId=${task.id}`)).toEqual([]);
  if (run) {
    expect(await teko!.rows(`/runs/${run.id}/effects`)).toEqual([]);
    await gone(join(teko!.home, 'workspaces', run.id), start);
  }
  return { phase: String(before ? (before.phase ?? before.status) : 'analysis'), took };
}

/** The folder goes with the run, within the same five seconds. */
async function gone(folder: string, start: number): Promise<void> {
  while (existsSync(folder)) {
    expect(Date.now() - start, folder).toBeLessThan(BOUND_MS);
    await delay(20);
  }
}

function scribblers(): number {
  const processes = execFileSync('ps', ['-eo', 'args'], { maxBuffer: 1e8 }).toString().split('\n');
  return processes.filter((line) => line.includes('scribble') && !line.includes('vitest')).length;
}
