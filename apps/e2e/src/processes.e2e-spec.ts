import { spawnSync } from 'node:child_process';
import type { ModelServer } from '@teko/testing';
import { Redis } from 'ioredis';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually';
import { onEnd, temporaryFolder, untilFileEnds } from './resources';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { missingMariadb, MARIADB, rowsOf, startRedis, temporaryDatabase } from './services';
import { addSmallTask, finish, modelEnv, solve, startModel } from './small-scenario';
import { TekoProcess, WORKER } from './teko-process';

/** Short, because the tests wait until it expires. */
const LEASE_SECONDS = '10';
const reason = await missingMariadb('bubblewrap', 'redis-server');

describe.skipIf(reason)(reason ?? 'two API and two worker processes on MariaDB and Redis', () => {
  let database: string;
  let server: ModelServer;
  let apis: TekoProcess[] = [];
  let workers: TekoProcess[] = [];
  let env: Record<string, string>;
  let home: string;
  let hold: Promise<void> | null;

  const startWorker = () => untilFileEnds(() => TekoProcess.startWorker(env, home));

  beforeAll(async () => {
    database = await temporaryDatabase('processes');
    home = temporaryFolder('processes');
    const redis = await startRedis();
    server = await startModel(async ({ turn }) => {
      if (turn === 0) return solve;
      await hold;
      return finish;
    });
    env = {
      ...modelEnv(server),
      DATABASE_URL: `${MARIADB}/${database}`,
      REDIS_URL: redis.url,
      TEKO_LEASE_SECONDS: LEASE_SECONDS,
      TEKO_CONCURRENCY: '2',
    };
    apis = await Promise.all([1, 2].map(() => TekoProcess.start(env, home, 'api')));
    workers = await Promise.all([1, 2].map(startWorker));
    await apis[0]!.signIn();
  });
  beforeEach(async () => {
    hold = null;
    server.calls.length = 0;
    workers = await Promise.all(workers.map((worker) => (worker.isRunning ? worker : startWorker())));
  });

  /** Delays the second model response of each run until the returned function is called, or until the end of the test. */
  function holdResponses(): () => void {
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => (release = resolve));
    onEnd(() => release());
    return () => release();
  }

  /** Returns the worker with the lease of the task's only run. */
  async function ownerOf(taskId: string): Promise<TekoProcess> {
    const ofTask = `SELECT leaseOwner FROM ${database}.runs WHERE taskId = '${taskId}'`;
    const [row] = await rowsOf<{ leaseOwner: string }>(ofTask);
    return workers.find(({ child }) => row!.leaseOwner.includes(`:${child.pid}:`))!;
  }

  async function stateOf(taskId: string) {
    const [task, runs, changes, comments] = await Promise.all([
      apis[0]!.get(`/tasks/${taskId}`),
      apis[0]!.rows(`/runs?taskId=${taskId}`),
      apis[0]!.rows(`/changes?taskId=${taskId}`),
      apis[0]!.rows(`/comments?taskId=${taskId}`),
    ]);
    return { task, runs, changes, comments };
  }

  it('share sessions, live events and runs', async () => {
    const [one, two] = apis as [TekoProcess, TekoProcess];
    await two.useSession(one.sessionCookie);
    const stop = new AbortController();
    const headers = { cookie: one.sessionCookie };
    const events = await fetch(`${two.url}/api/v1/events`, { headers, signal: stop.signal });
    const received: string[] = [];
    const listening = (async () => {
      for await (const chunk of events.body!) received.push(new TextDecoder().decode(chunk as Uint8Array));
    })().catch(() => undefined);

    const repository = await one.post('/repositories', {
      name: 'scenario',
      url: smallRepository(),
      testCommand: SMALL_TEST,
    });
    const input = { repositoryId: repository.id, kind: 'implement', title: 'The answer is wrong' };
    const tasks = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => (n % 2 ? one : two).post('/tasks', input)));
    for (const task of tasks) {
      const run = await two.finishedRun(task.id);
      expect(run, JSON.stringify(run)).toMatchObject({ status: 'succeeded' });
      expect(await one.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
    }
    expect(server.calls).toHaveLength(12);
    await eventually(() => expect(received.join('')).toContain('"status":"succeeded"'));
    stop.abort();
    await listening;
  });

  it('continue the run of a killed worker without repeating recorded model calls', async () => {
    const release = holdResponses();
    const task = await addSmallTask(apis[0]!);
    await eventually(() => expect(server.calls).toHaveLength(2));
    await (await ownerOf(task.id)).kill('SIGKILL');
    release();
    const ended = await apis[0]!.finishedRun(task.id);
    expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'succeeded' });
    // The first response is recorded; only the pending call is repeated.
    expect(server.calls.map(({ turn }) => turn)).toEqual([0, 1, 1]);
    expect(await apis[0]!.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
  });

  it('ignore a paused worker that continues after its lease expired', async () => {
    const release = holdResponses();
    const task = await addSmallTask(apis[0]!);
    await eventually(() => expect(server.calls).toHaveLength(2));
    const owner = await ownerOf(task.id);
    owner.child.kill('SIGSTOP');
    try {
      release();
      const ended = await apis[0]!.finishedRun(task.id);
      expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'succeeded' });
      const before = await stateOf(task.id);
      owner.child.kill('SIGCONT');
      await eventually(() => expect(owner.output).toContain('passed to another worker'));
      // It was taken for dead.
      const [run] = before.runs;
      expect(run).toMatchObject({ workerDeaths: 1 });
      expect(await stateOf(task.id)).toEqual({ ...before, runs: [{ ...run, workerDeaths: 0 }] });
      expect(before).toMatchObject({ runs: [{ status: 'succeeded' }], changes: [{}], comments: [{}] });
    } finally {
      owner.child.kill('SIGCONT');
    }
  });

  it('continue after Redis was flushed', async () => {
    const release = holdResponses();
    const repository = await apis[0]!.post('/repositories', {
      name: 'scenario',
      url: smallRepository(),
      testCommand: SMALL_TEST,
    });
    const input = { repositoryId: repository.id, kind: 'implement', title: 'The answer is wrong' };
    const tasks = [];
    for (let n = 0; n < 6; n++) tasks.push(await apis[0]!.post('/tasks', input));
    // The workers are at their limit; the other runs wait in Redis.
    await eventually(() => expect(server.calls.filter(({ turn }) => turn === 1)).toHaveLength(4));
    const redis = new Redis(env.REDIS_URL!);
    await redis.flushdb();
    redis.disconnect();
    release();
    for (const task of tasks) {
      expect(await apis[0]!.finishedRun(task.id)).toMatchObject({ status: 'succeeded' });
      expect(await apis[0]!.rows(`/runs?taskId=${task.id}`)).toHaveLength(1);
      expect(await apis[0]!.rows(`/changes?taskId=${task.id}`)).toHaveLength(1);
    }
    expect(server.calls).toHaveLength(12);
  });

  it('do not start without the shared services', () => {
    for (const [name, value] of [
      ['DATABASE_URL', ''],
      ['DATABASE_URL', 'sqlite:///tmp/x.db'],
      ['REDIS_URL', ''],
    ] as const) {
      const started = spawnSync(process.execPath, [WORKER], {
        env: { PATH: process.env.PATH, TEKO_HOME: home, ...env, [name]: value },
        timeout: 120_000,
      });
      expect(started.error, 'the process did not exit in time').toBeUndefined();
      expect(started.status).toBe(1);
      expect(started.stderr.toString()).toMatch(new RegExp(`^${name}: must [^\\n]*\\n$`));
    }
  });
});
