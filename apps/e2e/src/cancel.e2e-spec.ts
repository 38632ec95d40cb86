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

const SIDE_BY_SIDE = 4;
const CANCELS = FULL ? 100 : 24;
const MAX_DELAY_MS = 2_000;
const MAX_CALLS = 3;
/** From the request until run and folder are gone, without what the machine delayed. */
const MAX_DURATION_MS = 5_000;
const random = seededRandom('cancels at any moment');
/** A file that no other test writes, on this host or in another run. */
const SCRIBBLE = `scribble-${Math.floor(random() * 1e9)}-${process.pid}`;

it(
  `a cancel at any moment, ${CANCELS} times: stopped within five seconds, and nothing after it`,
  { timeout: 1_200_000 },
  async () => {
    const server = await startModel(async ({ turn }) => {
      await delay(50);
      if (turn % 3 === 0) return write('answer.txt', `4${turn}\n`);
      const forever = `while true; do date >> ${SCRIBBLE}; sleep 0.02; done`;
      const command = turn % 3 === 1 ? 'ls' : `(${forever}) & sleep 1`;
      return { toolCalls: [{ name: 'run_command', args: { command } }] };
    });
    const env = { ...modelEnv(server), TEKO_CONCURRENCY: String(SIDE_BY_SIDE) };
    const teko = await (await TekoProcess.start(env)).signIn();
    const source = { name: 'cancel', url: smallRepository(), testCommand: SMALL_TEST };
    const { id: repositoryId } = await teko.post('/repositories', source);

    const all: Cancelled[] = [];
    for (let n = 0; n < CANCELS; n += SIDE_BY_SIDE) {
      const several = Array.from({ length: SIDE_BY_SIDE }, (_, i) => {
        const title = `To be cancelled ${n + i}.`;
        // Every other one when the agent works, which on a slow machine is not within the time of the others.
        const calls = i % 2 === 0 ? 0 : 1 + Math.floor(random() * MAX_CALLS);
        // One moment in each part of the time, so that none is left out; squared, as a run has more phases at its beginning.
        const wait = ((n + i + random()) / CANCELS) ** 2 * MAX_DELAY_MS;
        return cancelled({ teko, server, repositoryId, title, calls, wait });
      });
      all.push(...(await Promise.all(several)));
    }
    const phases = new Map<string, number>();
    for (const { phase } of all) phases.set(phase, (phases.get(phase) ?? 0) + 1);
    const slowest = Math.max(...all.map(({ netMs }) => netMs));
    expect(phases.size, 'different moments were met').toBeGreaterThanOrEqual(3);
    expect(slowest).toBeLessThan(MAX_DURATION_MS);
    await delay(1_500);
    for (const { title, calls } of all) expect(callsFor(server, title), title).toBe(calls);
    expect(processesWithArgument(SCRIBBLE)).toEqual([]);
    const lines = [...phases].map(([phase, times]) => `${phase}: ${times}`).join(', ');
    process.stdout.write(`cancelled during ${lines}; the slowest took ${Math.round(slowest)} ms of its own\n`);
  },
);

interface Cancelled {
  title: string;
  phase: string;
  netMs: number;
  /** How often the model had been asked when the run was over. */
  calls: number;
}

const callsFor = (server: ModelServer, title: string) => server.calls.filter(({ text }) => text.includes(title)).length;

interface Asked {
  teko: TekoProcess;
  server: ModelServer;
  repositoryId: string;
  title: string;
  /** It is cancelled once the model was asked so often, */
  calls: number;
  /** and so many milliseconds later. */
  wait: number;
}

async function cancelled({ teko, server, repositoryId, title, calls, wait }: Asked): Promise<Cancelled> {
  const task = await teko.post('/tasks', { repositoryId, kind: 'implement', title });
  await eventually(() => expect(callsFor(server, title)).toBeGreaterThanOrEqual(calls), { interval: 20 });
  await delay(wait);
  const [before] = await teko.rows(`/runs?taskId=${task.id}`);
  const { result: asked, netMs } = await MachineDelay.measure(async () => {
    await teko.post(`/tasks/${task.id}/cancel`);
    const run = before ? await teko.finishedRun(task.id) : undefined;
    const callsThen = callsFor(server, title);
    // The folder goes with the run, within the same five seconds.
    const folder = run && join(teko.home, 'workspaces', run.id);
    if (folder) await eventually(() => expect(existsSync(folder), folder).toBe(false), { interval: 20 });
    return callsThen;
  });
  // A task that had no run yet has none, or one that never began.
  for (const found of await teko.rows(`/runs?taskId=${task.id}`)) expect(found).toMatchObject({ status: 'cancelled' });
  expect(await teko.get(`/tasks/${task.id}`)).toMatchObject({ status: 'cancelled' });
  expect(await teko.rows(`/changes?taskId=${task.id}`)).toEqual([]);
  expect(await teko.rows(`/comments?taskId=${task.id}`)).toEqual([]);
  if (before) expect(await teko.rows(`/runs/${before.id}/effects`)).toEqual([]);
  return { title, phase: String(before ? (before.phase ?? before.status) : 'analysis'), netMs, calls: asked };
}
