import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer, type ModelServer } from '@teko/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs } from './needs';
import { brokenRepository, SAMPLES } from './sample-repositories';
import { MARIADB, REDIS, rowsOf, sql } from './services';
import { TekoProcess, WORKER } from './teko-process';

needs('bubblewrap');

const sample = SAMPLES[0]!;
const edit = { path: sample.file, oldText: sample.wrong, newText: sample.right };
const reachable = await sql('SELECT 1');
const title = 'two API and two worker processes on MariaDB and Redis';

describe.skipIf(!reachable)(reachable ? title : `skipped: no MariaDB answers at ${MARIADB}`, () => {
  const database = `teko_processes_${process.pid}`;
  let server: ModelServer;
  let apis: TekoProcess[] = [];
  let workers: TekoProcess[] = [];
  let env: Record<string, string>;
  let home: string;
  let hold: Promise<void> | null;

  beforeEach(async () => {
    await sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    home = mkdtempSync(join(tmpdir(), 'teko-processes-'));
    hold = null;
    server = await startModelServer(async ({ turn }) => {
      if (turn === 0) return { toolCalls: [{ name: 'edit_file', args: edit }] };
      await hold;
      return { toolCalls: [{ name: 'finish', args: { title: 'Mend weeks', summary: '' } }] };
    });
    env = {
      DATABASE_URL: `${MARIADB}/${database}`,
      // A queue of its own: another run of the stories on this host would take its runs.
      REDIS_URL: `${REDIS}/${8 + (process.pid % 7)}`,
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
    };
    apis = await Promise.all([1, 2].map(() => TekoProcess.start(env, home, 'api')));
    workers = await Promise.all([1, 2].map(() => TekoProcess.startWorker(env, home)));
    await apis[0]!.signIn();
  });
  afterEach(async () => {
    await Promise.all([...apis, ...workers].map((one) => one.stop()));
    await server.close();
    await sql(`DROP DATABASE ${database}`);
  });

  /** The worker that holds the only run. */
  async function ownerOf(): Promise<TekoProcess> {
    const [row] = await rowsOf<{ leaseOwner: string }>(`SELECT leaseOwner FROM ${database}.runs`);
    return workers.find(({ child }) => row!.leaseOwner.includes(`:${child.pid}:`))!;
  }

  async function everything(taskId: string) {
    const [task, runs, changes, comments] = await Promise.all([
      apis[0]!.get(`/tasks/${taskId}`),
      apis[0]!.rows(`/runs?taskId=${taskId}`),
      apis[0]!.rows(`/changes?taskId=${taskId}`),
      apis[0]!.rows(`/comments?taskId=${taskId}`),
    ]);
    return { task, runs, changes, comments };
  }

  it('share sessions, live events and work', async () => {
    const [one, two] = apis as [TekoProcess, TekoProcess];
    await two.useSession(one.sessionCookie);
    const stop = new AbortController();
    const headers = { cookie: one.sessionCookie };
    const events = await fetch(`${two.url}/api/v1/events`, { headers, signal: stop.signal });
    const heard: string[] = [];
    const listening = (async () => {
      for await (const chunk of events.body!) heard.push(new TextDecoder().decode(chunk as Uint8Array));
    })().catch(() => undefined);

    const repository = await one.post('/repositories', { name: 'story', url: brokenRepository(sample) });
    const input = { repositoryId: repository.id, kind: 'implement', title: 'Weeks are wrong' };
    const tasks = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => (n % 2 ? one : two).post('/tasks', input)));
    for (const task of tasks) {
      const run = await two.finishedRun(task.id);
      expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded' });
      expect(await one.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
    }
    expect(server.calls).toHaveLength(12);
    await vi.waitFor(() => expect(heard.join('')).toContain('"status":"succeeded"'));
    stop.abort();
    await listening;
  });

  it('a worker that is killed loses nothing: the other one goes on, and no answered call is paid again', async () => {
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => (release = resolve));
    const task = await apis[0]!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
    await vi.waitFor(() => expect(server.calls).toHaveLength(2), { timeout: 60_000, interval: 100 });
    await (await ownerOf()).kill('SIGKILL');
    release();
    const ended = await apis[0]!.finishedRun(task.id, 120_000);
    expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'succeeded' });
    // The first answer is recorded; only the one that was under way is asked for again.
    expect(server.calls.map(({ turn }) => turn)).toEqual([0, 1, 1]);
    expect(await apis[0]!.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
  });

  it('a worker that stood still and comes back late changes nothing', async () => {
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => (release = resolve));
    const task = await apis[0]!.addTask(brokenRepository(sample), { title: 'Weeks are wrong' });
    await vi.waitFor(() => expect(server.calls).toHaveLength(2), { timeout: 60_000, interval: 100 });
    const owner = await ownerOf();
    owner.child.kill('SIGSTOP');
    try {
      release();
      const ended = await apis[0]!.finishedRun(task.id, 120_000);
      expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'succeeded' });
      const before = await everything(task.id);
      owner.child.kill('SIGCONT');
      await vi.waitFor(() => expect(owner.output).toContain('passed to another worker'), { timeout: 30_000 });
      expect(await everything(task.id)).toEqual(before);
      expect(before).toMatchObject({ runs: [{ status: 'succeeded' }], changes: [{}], comments: [{}] });
    } finally {
      owner.child.kill('SIGCONT');
    }
  });

  it('go on when Redis was emptied in the middle', async () => {
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => (release = resolve));
    const repository = await apis[0]!.post('/repositories', { name: 'story', url: brokenRepository(sample) });
    const input = { repositoryId: repository.id, kind: 'implement', title: 'Weeks are wrong' };
    const tasks = [];
    for (let n = 0; n < 12; n++) tasks.push(await apis[0]!.post('/tasks', input));
    // All that the two workers take at once is under way; the others wait in Redis.
    await vi.waitFor(() => expect(server.calls.filter(({ turn }) => turn === 1)).toHaveLength(8), {
      timeout: 60_000,
      interval: 200,
    });
    const redis = new Redis(env.REDIS_URL!);
    await redis.flushdb();
    redis.disconnect();
    release();
    for (const task of tasks) {
      expect(await apis[0]!.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
      expect(await apis[0]!.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
      expect(await apis[0]!.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
    }
    expect(server.calls).toHaveLength(24);
  });

  it('refuse to start without the services they share', () => {
    for (const [name, value] of [
      ['DATABASE_URL', ''],
      ['DATABASE_URL', 'sqlite:///tmp/x.db'],
      ['REDIS_URL', ''],
    ] as const) {
      const started = spawnSync(process.execPath, [WORKER], {
        env: { PATH: process.env.PATH, TEKO_HOME: home, ...env, [name]: value },
        timeout: 30_000,
      });
      expect(started.status).toBe(1);
      expect(started.stderr.toString()).toMatch(new RegExp(`^${name}: must [^\\n]*\\n$`));
    }
  });
});
