import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FULL } from '@teko/testing';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import { temporaryFolder } from './resources';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { missingMariadb, MARIADB, rowsOf, startRedis, temporaryDatabase } from './services';
import { finish, modelEnv, solve, startModel } from './small-scenario';
import { TekoProcess } from './teko-process';

const RUNS = FULL ? 500 : 40;
const MIN_KILLS = FULL ? 11 : 3;
const WORKERS = 4;
const CONCURRENCY = 3;
/** A worker is killed each time so many runs have finished. */
const RUNS_PER_KILL = 8;
/** Runs that the next death of their worker would end. */
const ONE_DEATH_LEFT = "runs WHERE workerDeaths = 2 AND status IN ('queued', 'running', 'interrupted')";
/** Only stops what hangs. */
const STALL_TIMEOUT_MS = 300_000;
const reason = await missingMariadb('bubblewrap', 'redis-server');

describe.skipIf(reason)(reason ?? 'four workers that are killed in turn', () => {
  it(`finish ${RUNS} runs once each, even if Redis is flushed in the middle`, { timeout: 3_600_000 }, async () => {
    const database = await temporaryDatabase('swarm');
    const home = temporaryFolder('swarm');
    const redis = await startRedis();
    const server = await startModel([solve, finish]);
    const env = {
      ...modelEnv(server),
      DATABASE_URL: `${MARIADB}/${database}`,
      REDIS_URL: redis.url,
      TEKO_CONCURRENCY: String(CONCURRENCY),
      // The last runs wait until the lease of a killed worker expires.
      TEKO_LEASE_SECONDS: '10',
    };
    const api = await (await TekoProcess.start(env, home, 'api')).signIn();
    const start = () => TekoProcess.startWorker(env, home);
    const workers = await Promise.all(Array.from({ length: WORKERS }, start));
    const source = { name: 'swarm', url: smallRepository(), testCommand: SMALL_TEST };
    const { id: repositoryId } = await api.post('/repositories', source);
    for (let n = 0; n < RUNS; n += 20) {
      const createTask = (_: unknown, i: number) =>
        api.post('/tasks', { repositoryId, kind: 'implement', title: `Task ${n + i}` });
      await Promise.all(Array.from({ length: 20 }, createTask));
    }

    const count = async (from: string) =>
      Number((await rowsOf<{ n: number }>(`SELECT COUNT(*) n FROM ${database}.${from}`))[0]!.n);
    let kills = 0;
    let flushed = false;
    const finished = async () =>
      (await api.get<{ total: number }>('/runs?perPage=1&status=succeeded&status=failed')).total;
    let progress = { done: 0, at: Date.now() };
    for (let done = 0; done < RUNS; done = await finished()) {
      if (done > progress.done) progress = { done, at: Date.now() };
      if (Date.now() - progress.at > STALL_TIMEOUT_MS)
        throw new Error(`no run has finished for ${STALL_TIMEOUT_MS / 1000} s: ${done} of ${RUNS} are finished`);
      await delay(200);
      if (done < (kills + 1) * RUNS_PER_KILL || (await count(ONE_DEATH_LEFT)) > 0) continue;
      const victim = kills++ % WORKERS;
      await workers[victim]!.kill('SIGKILL');
      workers[victim] = await start();
      if (!flushed && done >= RUNS / 3) {
        flushed = true;
        const client = new Redis(redis.url);
        await client.flushdb();
        client.disconnect();
      }
    }

    expect(flushed).toBe(true);
    expect(kills).toBeGreaterThanOrEqual(MIN_KILLS);
    const unsuccessful = `SELECT number, outcome, outcomeDetail FROM ${database}.runs WHERE status <> 'succeeded'`;
    expect(await rowsOf(unsuccessful)).toEqual([]);
    expect(await count('runs')).toBe(RUNS);
    expect(await count('changes')).toBe(RUNS);
    expect(await count('comments')).toBe(RUNS);
    expect(await count("steps WHERE `key` = 'end'")).toBe(RUNS);
    expect(await count("effects WHERE status = 'done'")).toBe(3 * RUNS);
    expect(await count("model_calls WHERE status = 'done'")).toBe(2 * RUNS);
    // Only the pending calls of a killed worker can be repeated.
    expect(server.calls.length).toBeGreaterThanOrEqual(2 * RUNS);
    expect(server.calls.length).toBeLessThanOrEqual(2 * RUNS + kills * CONCURRENCY);
    await eventually(() => expect(readdirSync(join(home, 'workspaces'))).toEqual([]));
    process.stdout.write(`${RUNS} runs, ${kills} workers killed, ${server.calls.length - 2 * RUNS} calls repeated\n`);
  });
});
