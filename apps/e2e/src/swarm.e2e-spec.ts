import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startModelServer, type ModelServer } from '@teko/testing';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { MARIADB, REDIS, rowsOf, sql } from './services';
import { TekoProcess } from './teko-process';

needs('bubblewrap');

const RUNS = 500;
const WORKERS = 4;
const SIDE_BY_SIDE = 3;
const KILL_EVERY_MS = 6_000;
const reachable = await sql('SELECT 1');
const title = 'four workers, of which one is killed every few seconds';

describe.skipIf(!reachable)(reachable ? title : `skipped: no MariaDB answers at ${MARIADB}`, () => {
  const database = `teko_swarm_${process.pid}`;
  const home = mkdtempSync(join(tmpdir(), 'teko-swarm-'));
  const redisUrl = `${REDIS}/${8 + (process.pid % 7)}`;
  let server: ModelServer | undefined;
  let api: TekoProcess | undefined;
  let workers: TekoProcess[] = [];
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.kill('SIGTERM')));
    await api?.stop();
    await server?.close();
    await sql(`DROP DATABASE IF EXISTS ${database}`);
  });

  it(`end ${RUNS} runs once each, though Redis is emptied in the middle`, { timeout: 1_500_000 }, async () => {
    await sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    server = await startModelServer([
      { toolCalls: [{ name: 'write_file', args: { path: 'answer.txt', content: '42\n' } }] },
      { toolCalls: [{ name: 'finish', args: { title: 'Right the answer', summary: '' } }] },
    ]);
    const env = {
      DATABASE_URL: `${MARIADB}/${database}`,
      REDIS_URL: redisUrl,
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
      TEKO_CONCURRENCY: String(SIDE_BY_SIDE),
    };
    api = await (await TekoProcess.start(env, home, 'api')).signIn();
    const start = () => TekoProcess.startWorker(env, home);
    workers = await Promise.all(Array.from({ length: WORKERS }, start));
    const source = { name: 'swarm', url: smallRepository(), testCommand: SMALL_TEST };
    const { id: repositoryId } = await api.post('/repositories', source);
    for (let n = 0; n < RUNS; n += 20) {
      const ask = (_: unknown, i: number) =>
        api!.post('/tasks', { repositoryId, kind: 'implement', title: `Task ${n + i}` });
      await Promise.all(Array.from({ length: 20 }, ask));
    }

    let kills = 0;
    let emptied = false;
    const ended = async () =>
      (await api!.get<{ total: number }>('/runs?perPage=1&status=succeeded&status=failed')).total;
    for (let done = 0; done < RUNS; done = await ended()) {
      await delay(KILL_EVERY_MS);
      const victim = kills++ % WORKERS;
      await workers[victim]!.kill('SIGKILL');
      workers[victim] = await start();
      if (!emptied && done > RUNS / 2) {
        emptied = true;
        const redis = new Redis(redisUrl);
        await redis.flushdb();
        redis.disconnect();
      }
    }

    expect(emptied).toBe(true);
    expect(kills).toBeGreaterThan(10);
    const count = async (from: string) =>
      Number((await rowsOf<{ n: number }>(`SELECT COUNT(*) n FROM ${database}.${from}`))[0]!.n);
    expect(await count("runs WHERE status = 'succeeded'")).toBe(RUNS);
    expect(await count('runs')).toBe(RUNS);
    expect(await count('changes')).toBe(RUNS);
    expect(await count('comments')).toBe(RUNS);
    expect(await count("steps WHERE `key` = 'end'")).toBe(RUNS);
    expect(await count("effects WHERE status = 'done'")).toBe(3 * RUNS);
    expect(await count("model_calls WHERE status = 'done'")).toBe(2 * RUNS);
    // Only what was under way when its worker died can have been asked twice.
    expect(server.calls.length).toBeGreaterThanOrEqual(2 * RUNS);
    expect(server.calls.length).toBeLessThanOrEqual(2 * RUNS + kills * SIDE_BY_SIDE);
    await vi.waitFor(() => expect(readdirSync(join(home, 'workspaces'))).toEqual([]), { timeout: 30_000 });
    process.stdout.write(
      `${RUNS} runs, ${kills} workers killed, ${server.calls.length - 2 * RUNS} calls asked again\n`,
    );
  });
});
