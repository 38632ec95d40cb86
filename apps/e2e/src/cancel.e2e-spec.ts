import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FULL, processesWithArgument, seededRandom, type ModelServer } from '@teko/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually';
import { MachineDelay } from './machine-delay';
import { requirePackages } from './required-packages';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { modelEnv, startModel, write } from './small-scenario';
import { TekoProcess } from './teko-process';

requirePackages('bubblewrap');

const CONCURRENCY = 4;
const CANCELS = FULL ? 100 : 24;
const MAX_DELAY_MS = 2_000;
const MAX_CALLS = 3;
/** From the request until the run is finished and its folder deleted, without delays by other processes. */
const MAX_DURATION_MS = 5_000;
const random = seededRandom('cancels at any moment');
/** A file name that no other test uses, also in another test run on this machine. */
const FILE_NAME = `scribble-${Math.floor(random() * 1e9)}-${process.pid}`;

it(
  `${CANCELS} cancellations at random moments stop the run within five seconds, and nothing happens afterwards`,
  { timeout: 1_200_000 },
  async () => {
    const server = await startModel(async ({ turn }) => {
      await delay(50);
      if (turn % 3 === 0) return write('answer.txt', `4${turn}\n`);
      const forever = `while true; do date >> ${FILE_NAME}; sleep 0.02; done`;
      const command = turn % 3 === 1 ? 'ls' : `(${forever}) & sleep 1`;
      return { toolCalls: [{ name: 'run_command', args: { command } }] };
    });
    const env = { ...modelEnv(server), TEKO_CONCURRENCY: String(CONCURRENCY) };
    const teko = await (await TekoProcess.start(env)).signIn();
    const source = { name: 'cancel', url: smallRepository(), testCommand: SMALL_TEST };
    const { id: repositoryId } = await teko.post('/repositories', source);

    const all: Cancelled[] = [];
    for (let n = 0; n < CANCELS; n += CONCURRENCY) {
      const several = Array.from({ length: CONCURRENCY }, (_, i) => {
        const title = `To be cancelled ${n + i}.`;
        // Every second one while the agent is running, which the others may not reach on a slow machine.
        const calls = i % 2 === 0 ? 0 : 1 + Math.floor(random() * MAX_CALLS);
        // Stratified, so that every part of the interval is covered; squared, because a run has more phases at its beginning.
        const wait = ((n + i + random()) / CANCELS) ** 2 * MAX_DELAY_MS;
        return cancelled({ teko, server, repositoryId, title, calls, wait });
      });
      all.push(...(await Promise.all(several)));
    }
    const phases = new Map<string, number>();
    for (const { phase } of all) phases.set(phase, (phases.get(phase) ?? 0) + 1);
    const slowest = Math.max(...all.map(({ netMs }) => netMs));
    expect(phases.size, 'different phases were reached').toBeGreaterThanOrEqual(3);
    expect(slowest).toBeLessThan(MAX_DURATION_MS);
    await delay(1_500);
    for (const { title, calls } of all) expect(callsFor(server, title), title).toBe(calls);
    expect(processesWithArgument(FILE_NAME)).toEqual([]);
    const lines = [...phases].map(([phase, times]) => `${phase}: ${times}`).join(', ');
    process.stdout.write(`cancelled during ${lines}; the slowest took ${Math.round(slowest)} ms\n`);
  },
);

interface Cancelled {
  title: string;
  phase: string;
  netMs: number;
  /** Model calls of the run when it was finished. */
  calls: number;
}

const callsFor = (server: ModelServer, title: string) => server.calls.filter(({ text }) => text.includes(title)).length;

interface Cancellation {
  teko: TekoProcess;
  server: ModelServer;
  repositoryId: string;
  title: string;
  /** Model calls before the cancellation. */
  calls: number;
  /** Milliseconds between these calls and the cancellation. */
  wait: number;
}

async function cancelled({ teko, server, repositoryId, title, calls, wait }: Cancellation): Promise<Cancelled> {
  const task = await teko.post('/tasks', { repositoryId, kind: 'implement', title });
  await eventually(() => expect(callsFor(server, title)).toBeGreaterThanOrEqual(calls), { interval: 20 });
  await delay(wait);
  const [before] = await teko.rows(`/runs?taskId=${task.id}`);
  const { result: callsAtEnd, netMs } = await MachineDelay.measure(async () => {
    await teko.post(`/tasks/${task.id}/cancel`);
    const run = before ? await teko.finishedRun(task.id) : undefined;
    const callsThen = callsFor(server, title);
    // The workspace is deleted within the same five seconds.
    const folder = run && join(teko.home, 'workspaces', run.id);
    if (folder) await eventually(() => expect(existsSync(folder), folder).toBe(false), { interval: 20 });
    return callsThen;
  });
  // A task without a run at that moment has none, or one that never started.
  for (const found of await teko.rows(`/runs?taskId=${task.id}`)) expect(found).toMatchObject({ status: 'cancelled' });
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({ status: 'cancelled' });
  expect(await teko.rows(`/changes?taskId=${task.id}`)).toEqual([]);
  expect(await teko.rows(`/comments?taskId=${task.id}`)).toEqual([]);
  if (before) expect(await teko.rows(`/runs/${before.id}/effects`)).toEqual([]);
  return { title, phase: String(before ? (before.phase ?? before.status) : 'analysis'), netMs, calls: callsAtEnd };
}
