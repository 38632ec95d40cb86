import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisProcess, startModelServer, type ModelServer } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DatabaseProxy } from './database-proxy';
import { needs } from './needs';
import { MARIADB, rowsOf, sql } from './services';
import { SMALL_TEST, smallRepository } from './sample-repositories';
import { TekoProcess } from './teko-process';

needs('bubblewrap', 'redis-server');

type Victim = 'worker' | 'database' | 'api' | 'redis';
type Moment = 'before' | 'after';

/** Of writes that are alike the first one alone, but for all of them on demand: an hour of it. */
const FULL = process.env.TEKO_CRASH_MATRIX === 'full';
const ANSWERED = /^UPDATE model_calls/;
const reachable = await sql('SELECT 1');
const title = 'whatever is killed at any write of a run';

describe.skipIf(!reachable)(reachable ? title : `skipped: no MariaDB answers at ${MARIADB}`, () => {
  const database = `teko_matrix_${process.pid}`;
  const home = mkdtempSync(join(tmpdir(), 'teko-matrix-'));
  let server: ModelServer;
  let proxy: DatabaseProxy;
  let redis: RedisProcess;
  let env: Record<string, string>;
  let api: TekoProcess;
  let worker: TekoProcess;
  let session: string;
  let repositoryId: string;
  let count = 0;

  beforeAll(async () => {
    await sql(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
    server = await startModelServer([
      { toolCalls: [{ name: 'write_file', args: { path: 'answer.txt', content: '42\n' } }] },
      { toolCalls: [{ name: 'finish', args: { title: 'Right the answer', summary: 'It is 42.' } }] },
    ]);
    proxy = await DatabaseProxy.start(MARIADB);
    redis = await RedisProcess.start();
    env = {
      DATABASE_URL: `${MARIADB}/${database}`,
      REDIS_URL: redis.url,
      TEKO_MODEL: 'openai:scripted',
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'story-key',
      TEKO_SECRET: 'a secret of this story alone, for the sessions',
    };
    api = await (await TekoProcess.start(env, home, 'api')).signIn();
    session = api.sessionCookie;
    worker = await startWorker();
    const repository = await api.post('/repositories', {
      name: 'matrix',
      url: smallRepository(),
      testCommand: SMALL_TEST,
    });
    repositoryId = repository.id;
    await vi.waitFor(
      // What indexes it writes too, and not only for runs.
      async () => {
        for (const path of ['', '/code-index'])
          expect(await api.get(`/repositories/${repositoryId}${path}`)).toMatchObject({ status: 'ready' });
      },
      { timeout: 30_000 },
    );
  });
  afterAll(async () => {
    await worker?.kill('SIGTERM');
    await api?.stop();
    await proxy?.close();
    await redis?.kill();
    await server?.close();
    await sql(`DROP DATABASE IF EXISTS ${database}`);
  });

  const startWorker = () => TekoProcess.startWorker({ ...env, DATABASE_URL: `${proxy.url}/${database}` }, home);

  const KILL: Record<Victim, () => Promise<void>> = {
    worker: () => worker.kill('SIGKILL'),
    database: async () => proxy.cut(),
    api: () => api.kill('SIGKILL'),
    redis: () => redis.kill(),
  };

  async function revive(victim: Victim): Promise<void> {
    if (victim === 'worker') worker = await startWorker();
    if (victim === 'redis') await redis.startAgain();
    if (victim === 'api') api = await (await TekoProcess.start(env, home, 'api')).useSession(session);
  }

  function ask() {
    const sourceKey = `matrix:${++count}`;
    return api.post('/tasks', { repositoryId, kind: 'implement', title: `Case ${count} of it`, sourceKey });
  }

  const callsOf = (task: { title?: unknown }) => server.calls.filter(({ text }) => text.includes(String(task.title)));

  /** What must hold after a run, however it was disturbed; answers how often the model was asked. */
  async function expectOneOfEach(task: { id: string; title?: unknown }, where: string): Promise<number> {
    const run = await api.finishedRun(task.id, 60_000);
    expect(run, where).toMatchObject({ status: 'succeeded', outcome: 'gate_green' });
    await vi.waitFor(() => expect(readdirSync(join(home, 'workspaces')), where).toEqual([]), { timeout: 10_000 });
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
    expect(sandboxesIn(home), where).toBe(0);
    return callsOf(task).length;
  }

  it(
    'leaves one branch, one change, one comment, and pays no recorded answer twice',
    { timeout: 3_600_000 },
    async () => {
      proxy.writes.length = 0;
      expect(await expectOneOfEach(await ask(), 'nothing killed')).toBe(2);
      const points = failpoints(proxy.writes);
      expect(points.length).toBeGreaterThan(30);

      const matrix: string[] = [];
      const chosen = FULL ? points : points.filter((point) => point.occurrence === 1);
      for (const [index, { write, occurrence }] of chosen.entries()) {
        for (const [victim, moment] of casesOf(index)) {
          const where = `${victim} killed ${moment} ${write}${occurrence > 1 ? ` (${occurrence})` : ''}`;
          const sprung = proxy.arm({
            write,
            occurrence,
            moment,
            breaks: victim === 'worker' || victim === 'database',
            spring: KILL[victim],
          });
          const task = await ask();
          // A write that this run does not come to, as some come only now and then, leaves the trap armed.
          await Promise.race([sprung, api.finishedRun(task.id, 60_000)]);
          const reached = !proxy.disarm();
          if (reached) {
            // The run may be seen to be over before its killer is done.
            await sprung;
            await revive(victim);
          }
          const asked = await expectOneOfEach(task, where);
          // An answer that a dead worker had in hand and not yet written is the one that has to be asked for again.
          const lost = victim === 'worker' && moment === 'before' && ANSWERED.test(write) ? 1 : 0;
          expect(asked, where).toBeLessThanOrEqual(2 + lost);
          matrix.push(`${reached ? 'held' : 'not reached'}: ${where}: asked ${asked}`);
          process.stdout.write(`${matrix.at(-1)}\n`);
        }
      }
      const missed = matrix.filter((line) => line.startsWith('not reached'));
      expect(missed.length, missed.join('\n')).toBeLessThan(matrix.length / 10);
      const left = await rowsOf<{ id: string }>(`SELECT id FROM ${database}.runs WHERE status <> 'succeeded'`);
      expect(left).toEqual([]);
    },
  );
});

const ALL_CASES: [Victim, Moment][] = [
  ['worker', 'before'],
  ['worker', 'after'],
  ['database', 'before'],
  ['database', 'after'],
  ['api', 'after'],
  ['redis', 'before'],
];

/** The worker at both moments, of the others one in turn; all of them on demand. */
function casesOf(index: number): [Victim, Moment][] {
  const odd = index % 2;
  return FULL ? ALL_CASES : ALL_CASES.filter((_, i) => i < 2 || i % 2 === odd);
}

/** Each write with how often it came before. */
function failpoints(writes: string[]): { write: string; occurrence: number }[] {
  const seen = new Map<string, number>();
  return writes.map((write) => {
    const occurrence = (seen.get(write) ?? 0) + 1;
    seen.set(write, occurrence);
    return { write, occurrence };
  });
}

function branchesAt(home: string, repositoryId: string, commit: string): string[] {
  const mirror = join(home, 'repositories', `${repositoryId}.git`);
  const refs = execFileSync('git', ['--git-dir', mirror, 'for-each-ref', '--points-at', commit, 'refs/heads/teko']);
  return refs.toString().trim().split('\n').filter(Boolean);
}

function sandboxesIn(home: string): number {
  const processes = execFileSync('ps', ['-eo', 'args'], { maxBuffer: 1e8 }).toString().split('\n');
  return processes.filter((line) => line.includes('bwrap') && line.includes(home)).length;
}
