import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  FULL,
  processesWithArgument,
  SAMPLE_EVERY,
  sampleOf,
  type ModelServer,
  type RedisProcess,
} from '@teko/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { DatabaseProxy } from './database-proxy';
import { eventually } from './eventually';
import { temporaryFolder, untilFileEnds } from './resources';
import { missingMariadb, MARIADB, rowsOf, startRedis, temporaryDatabase } from './services';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { finishAs, modelEnv, solve, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

type Victim = 'worker' | 'database' | 'api' | 'redis';
type Moment = 'before' | 'after';

interface Case {
  write: string;
  occurrence: number;
  victim: Victim;
  moment: Moment;
}

/** Number of spec files among which the cases are divided, so that they run in parallel. */
const SHARDS = 2;
/** Some writes do not happen in every run: a case whose write did not happen is repeated. */
const ATTEMPTS = 3;
const ANSWERED = /^UPDATE model_calls/;

/** Processes and services that the cases of a shard share. */
interface Setup {
  database: string;
  home: string;
  server: ModelServer;
  proxy: DatabaseProxy;
  redis: RedisProcess;
  api: TekoProcess;
  worker: TekoProcess;
  repositoryId: string;
  restore(victim: Victim): Promise<void>;
}

/** Kills each process and service at each write of a run and expects the run to succeed with the same result. */
export async function crashMatrix(shard: number): Promise<void> {
  const reason = await missingMariadb('bubblewrap', 'redis-server');
  const title = `a process or service killed at any write of a run, shard ${shard} of ${SHARDS}`;

  describe.skipIf(reason)(reason ?? title, () => {
    let setup: Setup;
    let count = 0;
    beforeAll(async () => (setup = await start()));

    const createTask = () =>
      setup.api.post('/tasks', {
        repositoryId: setup.repositoryId,
        kind: 'implement',
        title: `Case ${++count} of it`,
        sourceKey: `matrix:${count}`,
      });

    /** Returns whether the write happened. */
    async function survives({ write, occurrence, victim, moment }: Case, where: string): Promise<boolean> {
      const { proxy } = setup;
      const closesConnection = victim === 'worker' || victim === 'database';
      const triggered = proxy.arm({ write, occurrence, moment, closesConnection, action: () => kill(setup, victim) });
      const task = await createTask();
      // The failpoint stays armed if the run never executes this write.
      await Promise.race([triggered, setup.api.finishedRun(task.id)]);
      const reached = !proxy.disarm();
      if (reached) {
        // The run can be finished before the action is completed.
        await triggered;
        await setup.restore(victim);
      }
      const calls = await expectOneOfEach(setup, task, where);
      // A response that a killed worker had received but not yet stored has to be requested again.
      const repeated = victim === 'worker' && moment === 'before' && ANSWERED.test(write) ? 1 : 0;
      expect(calls, where).toBeLessThanOrEqual(2 + repeated);
      process.stdout.write(`${reached ? 'passed' : 'not reached'}: ${where}: ${calls} model calls\n`);
      return reached;
    }

    it(
      'leaves one branch, one change and one comment, and repeats no recorded model call',
      { timeout: 7_200_000 },
      async () => {
        setup.proxy.writes.length = 0;
        expect(await expectOneOfEach(setup, await createTask(), 'nothing killed')).toBe(2);
        const points = failpoints(setup.proxy.writes);
        expect(points.length).toBeGreaterThan(30);

        const cases = sampleOf(
          `crash matrix, shard ${shard}`,
          casesOf(points).filter((one) => shardOf(one) === shard),
          2 * SAMPLE_EVERY,
        );
        const notReached: string[] = [];
        for (const one of cases) {
          const where = nameOf(one);
          let reached = false;
          for (let attempt = 0; attempt < ATTEMPTS && !reached; attempt++) reached = await survives(one, where);
          if (!reached) notReached.push(where);
        }
        expect(notReached.length, notReached.join('\n')).toBeLessThan(Math.max(2, cases.length / 10));
        const left = await rowsOf<{ id: string }>(`SELECT id FROM ${setup.database}.runs WHERE status <> 'succeeded'`);
        expect(left).toEqual([]);
      },
    );
  });
}

async function start(): Promise<Setup> {
  const database = await temporaryDatabase('matrix');
  const home = temporaryFolder('matrix');
  // Each case needs a different commit message: identical commits in the same second have the same hash.
  const server = await startModel(({ turn, text }) =>
    turn === 0 ? solve : finishAs(/Case \d+/.exec(text)?.[0] ?? ''),
  );
  const proxy = await DatabaseProxy.start(MARIADB);
  const redis = await startRedis();
  const env = {
    ...modelEnv(server),
    DATABASE_URL: `${MARIADB}/${database}`,
    REDIS_URL: redis.url,
    TEKO_SECRET: 'a secret for the sessions of this test',
  };
  const startApi = () => untilFileEnds(() => TekoProcess.start(env, home, 'api'));
  const startWorker = () =>
    untilFileEnds(() => TekoProcess.startWorker({ ...env, DATABASE_URL: `${proxy.url}/${database}` }, home));
  const api = await (await startApi()).signIn();
  const session = api.sessionCookie;
  const source = { name: 'matrix', url: smallRepository(), testCommand: SMALL_TEST };
  const { id: repositoryId } = await api.post('/repositories', source);
  const setup: Setup = {
    ...{ database, home, server, proxy, redis, api, repositoryId },
    worker: await startWorker(),
    restore: async (victim) => {
      if (victim === 'worker') setup.worker = await startWorker();
      if (victim === 'redis') await redis.restart();
      if (victim === 'api') setup.api = await (await startApi()).useSession(session);
    },
  };
  // Indexing writes to the database too, so wait until it is completed.
  await eventually(async () => {
    for (const path of ['', '/code-index'])
      expect(await api.get(`/repositories/${repositoryId}${path}`)).toMatchObject({ status: 'ready' });
  });
  return setup;
}

async function kill({ worker, proxy, api, redis }: Setup, victim: Victim): Promise<void> {
  if (victim === 'worker') await worker.kill('SIGKILL');
  if (victim === 'database') proxy.closeConnections();
  if (victim === 'api') await api.kill('SIGKILL');
  if (victim === 'redis') await redis.kill();
}

/** Checks the invariants after a run and returns the number of its model calls. */
async function expectOneOfEach(setup: Setup, task: { id: string; title?: unknown }, where: string): Promise<number> {
  const { api, home, repositoryId, server } = setup;
  const run = await api.finishedRun(task.id);
  expect(run, where).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
  await eventually(() => expect(readdirSync(join(home, 'workspaces')), where).toEqual([]));
  const [runs, changes, comments, effects] = await Promise.all([
    api.rows(`/runs?taskId=${task.id}`),
    api.rows(`/changes?taskId=${task.id}`),
    api.rows(`/comments?taskId=${task.id}`),
    api.rows<{ kind: string; status: string }>(`/runs/${run.id}/effects`),
  ]);
  expect([runs.length, changes.length, comments.length], where).toEqual([1, 1, 1]);
  const done = effects.map(({ kind, status }) => `${kind} ${status}`).sort();
  expect(done, where).toEqual(['change done', 'comment done', 'push done']);
  expect(branchesAt(home, repositoryId, run.headCommit as string), where).toHaveLength(1);
  expect(await api.get(`/tasks/${task.id}`), where).toMatchObject({ status: 'in_review' });
  expect(sandboxesIn(home), where).toEqual([]);
  return server.calls.filter(({ text }) => text.includes(String(task.title))).length;
}

const ALL_CASES: [Victim, Moment][] = [
  ['worker', 'before'],
  ['worker', 'after'],
  ['database', 'before'],
  ['database', 'after'],
  ['api', 'after'],
  ['redis', 'before'],
];

/**
 * Every write with every victim at every moment. A sample contains equal writes once, a different one with each commit. The order is
 * shuffled, so that a sample contains all victims.
 */
function casesOf(points: { write: string; occurrence: number }[]): Case[] {
  const chosen = FULL ? points : oneOfEach(points);
  const cases = chosen.flatMap((point) => ALL_CASES.map(([victim, moment]) => ({ ...point, victim, moment })));
  return cases.toSorted((a, b) => hashOf(a) - hashOf(b));
}

function oneOfEach<T extends { write: string; occurrence: number }>(points: T[]): T[] {
  const offset = Number(process.env.TEKO_TEST_OFFSET ?? 0);
  const writes = points.filter(({ occurrence }) => occurrence === 1).map(({ write }) => write);
  return writes.map((write) => {
    const equal = points.filter((point) => point.write === write);
    return equal[Math.floor(offset / SAMPLE_EVERY) % equal.length]!;
  });
}

/** Numbers the occurrences of each write from 1. */
function failpoints(writes: string[]): { write: string; occurrence: number }[] {
  const seen = new Map<string, number>();
  return writes.map((write) => {
    const occurrence = (seen.get(write) ?? 0) + 1;
    seen.set(write, occurrence);
    return { write, occurrence };
  });
}

function nameOf({ write, occurrence, victim, moment }: Case): string {
  return `${victim} killed ${moment} ${write}${occurrence > 1 ? ` (${occurrence})` : ''}`;
}

/** Depends only on what is equal in every shard: the order and number of writes differ. */
function shardOf(one: Case): number {
  return 1 + (hashOf({ ...one, occurrence: 1 }) % SHARDS);
}

function hashOf(one: Case): number {
  return createHash('sha256').update(nameOf(one)).digest().readUInt32BE();
}

function branchesAt(home: string, repositoryId: string, commit: string): string[] {
  const mirror = join(home, 'repositories', `${repositoryId}.git`);
  const refs = execFileSync('git', ['--git-dir', mirror, 'for-each-ref', '--points-at', commit, 'refs/heads/teko']);
  return refs.toString().trim().split('\n').filter(Boolean);
}

function sandboxesIn(home: string): string[][] {
  return processesWithArgument(home)
    .map(({ command }) => command)
    .filter((command) => command.some((part) => part.includes('bwrap')));
}
