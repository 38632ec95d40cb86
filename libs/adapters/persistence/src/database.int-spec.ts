import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConflictError,
  InvalidError,
  LeaseLostError,
  NotFoundError,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from './database';

const MARIADB = 'mysql://root@127.0.0.1:3306';
const schema = `teko_test_${process.pid}`;

async function mariadb(sql: string): Promise<boolean> {
  try {
    const connection = await mysql.createConnection(MARIADB);
    await connection.query(sql);
    await connection.end();
    return true;
  } catch (error) {
    if (process.env.CI) throw error;
    return false;
  }
}

const now = new Date('2026-01-02T03:04:05.678Z');
const later = new Date(now.getTime() + 60_000);
let count = 0;
const repository = (): Repository => ({
  id: `r${++count}`,
  name: `repo ${count}`,
  url: `/srv/${count}`,
  forge: 'localgit',
  defaultBranch: null,
  status: 'pending',
  statusReason: null,
  headCommit: null,
  setupCommand: null,
  testCommand: null,
  lintCommand: null,
  demo: false,
  fetchedAt: null,
  createdAt: now,
  updatedAt: now,
});
const task = (repositoryId: string, patch: Partial<Task> = {}): Omit<Task, 'number'> => ({
  id: `t${++count}`,
  repositoryId,
  kind: 'implement',
  title: 'Fix',
  description: '',
  priority: 'normal',
  status: 'new',
  statusReason: null,
  source: 'form',
  sourceKey: `key ${count}`,
  sourceUrl: null,
  baseBranch: null,
  changeId: null,
  allowTestChanges: false,
  demo: false,
  createdById: null,
  createdAt: now,
  updatedAt: now,
  ...patch,
});
const run = (of: Task, patch: Partial<Run> = {}): Omit<Run, 'number'> => ({
  id: `u${++count}`,
  taskId: of.id,
  repositoryId: of.repositoryId,
  agentType: 'implementation',
  language: 'php',
  model: null,
  status: 'queued',
  outcome: null,
  outcomeDetail: null,
  reason: 'because',
  priority: 20,
  attempt: 1,
  baseBranch: null,
  baseCommit: null,
  headCommit: null,
  branch: null,
  phase: null,
  repairRound: 0,
  turns: 0,
  inputTokens: 0,
  outputTokens: 0,
  costMicros: 0,
  gate: null,
  summary: null,
  sandbox: null,
  cancelRequestedAt: null,
  leaseOwner: null,
  leaseToken: 0,
  leaseExpiresAt: null,
  demo: false,
  queuedAt: now,
  startedAt: null,
  finishedAt: null,
  createdAt: now,
  updatedAt: now,
  ...patch,
});
const listQuery = (patch: object = {}) => ({
  page: 1,
  perPage: 10,
  sort: 'createdAt',
  order: 'ASC' as const,
  filters: {},
  ...patch,
});

const reachable = await mariadb('SELECT 1');
const dialects = [
  { name: 'SQLite', skip: false },
  { name: 'MariaDB', skip: !reachable },
];

describe.each(dialects)('repositories on $name', ({ name, skip }) => {
  const title = skip ? `skipped: no MariaDB answers at ${MARIADB}` : 'answers';
  let database: Database;
  let home: string;

  beforeAll(async () => {
    if (skip) return;
    home = mkdtempSync(join(tmpdir(), 'teko-db-'));
    if (name === 'MariaDB') await mariadb(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4`);
    database = await openDatabase({ url: name === 'MariaDB' ? `${MARIADB}/${schema}` : undefined, home });
    await database.migrate();
  });
  afterAll(async () => {
    if (skip) return;
    await database.close();
    if (name === 'MariaDB') await mariadb(`DROP DATABASE ${schema}`);
    await rm(home, { recursive: true, force: true });
  });

  describe.skipIf(skip)(title, () => {
    const repos = () => database.repositories;
    const newTask = async (patch: Partial<Task> = {}) => {
      const row = repository();
      await repos().RepositoryRepository.insert(row);
      return repos().TaskRepository.insert(task(row.id, patch));
    };

    it('has no drift between entities and migrations', async () => {
      const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    });

    it('gives back a row as it was, to the millisecond', async () => {
      const row = repository();
      await repos().RepositoryRepository.insert(row);
      expect(await repos().RepositoryRepository.findById(row.id)).toEqual(row);
      const changed = await repos().RepositoryRepository.update(row.id, {
        status: 'ready',
        statusReason: 'ü 🎉 '.repeat(1000),
      });
      expect(changed.statusReason).toHaveLength(5000);
    });

    it('refuses a taken url and a row that is not there', async () => {
      const row = repository();
      await repos().RepositoryRepository.insert(row);
      await expect(repos().RepositoryRepository.insert({ ...row, id: 'other' })).rejects.toThrow(ConflictError);
      await expect(repos().RepositoryRepository.update('none', {})).rejects.toThrow(NotFoundError);
    });

    it('numbers tasks that come at once without a gap or a double, one for each source key', async () => {
      const row = repository();
      await repos().RepositoryRepository.insert(row);
      const made = await Promise.all(Array.from({ length: 8 }, () => repos().TaskRepository.insert(task(row.id))));
      const numbers = made.map(({ number }) => number).sort((a, b) => a - b);
      expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
      const again = repos().TaskRepository.insert({ ...task(row.id), sourceKey: made[0]!.sourceKey });
      await expect(again).rejects.toMatchObject({ code: 'conflict', details: { taskId: made[0]!.id } });
    });

    it('filters, searches and pages lists, and refuses what it does not know', async () => {
      const one = await newTask({ title: 'Zebra 100% _x', demo: true });
      await newTask({ title: 'Other' });
      const tasks = repos().TaskRepository;
      expect((await tasks.list(listQuery({ q: '100% _X' }))).data).toEqual([one]);
      expect((await tasks.list(listQuery({ filters: { demo: ['true'] } }))).data).toEqual([one]);
      expect((await tasks.list(listQuery({ filters: { status: ['new', 'done'] }, perPage: 1 }))).data).toHaveLength(1);
      await expect(tasks.list(listQuery({ sort: 'password' }))).rejects.toThrow(InvalidError);
      await expect(tasks.list(listQuery({ filters: { x: ['1'] } }))).rejects.toThrow(InvalidError);
    });

    it('moves a task once, with its run', async () => {
      const of = await newTask({ status: 'analysed' });
      const both = await Promise.all([1, 2].map(() => repos().RunRepository.insertForTask(run(of), 'analysed')));
      expect(both.filter(Boolean)).toHaveLength(1);
      expect(await repos().TaskRepository.transition(of.id, 'analysed', 'failed', 'x')).toBe(false);
    });

    it('gives a run to one worker, and refuses the late one', async () => {
      const { RunRepository: runs } = repos();
      const made = await runs.insert(run(await newTask()));
      const claims = await Promise.all(['a', 'b', 'c'].map((owner) => runs.claim(made.id, owner, now, 1000)));
      const [first] = claims.filter((claim) => claim !== null);
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await runs.claim(made.id, 'd', now, 1000)).toBeNull();
      const second = await runs.claim(made.id, 'e', later, 1000);
      expect(second?.lease.token).toBe(first!.lease.token + 1);
      await expect(runs.updateLeased(first!.lease, { phase: 'late' })).rejects.toThrow(LeaseLostError);
      expect(await runs.renew(first!.lease, later, 1000)).toBe(false);
      await runs.addUsage(second!.lease, { inputTokens: 5, outputTokens: 1, costMicros: 7 });
      const ended = await runs.release(second!.lease, { status: 'succeeded' });
      expect(ended).toMatchObject({ status: 'succeeded', leaseOwner: null, inputTokens: 5, costMicros: 7 });
      await expect(runs.requestCancel(made.id, now)).rejects.toThrow(/succeeded to cancelled/);
    });

    it('requeues runs of dead workers', async () => {
      const { RunRepository: runs } = repos();
      const made = await runs.insert(run(await newTask()));
      await runs.claim(made.id, 'dead', now, 3_600_000);
      expect(await runs.requeueExpired(now, [])).not.toContain(made.id);
      expect(await runs.requeueExpired(now, ['dead'])).toContain(made.id);
      expect((await runs.findQueued(100)).map(({ id }) => id)).toContain(made.id);
    });

    it('keeps a step by its key, in order', async () => {
      const made = await repos().RunRepository.insert(run(await newTask()));
      const step = (key: string) => ({
        id: `${made.id}${key}`,
        runId: made.id,
        key,
        kind: 'tool' as const,
        status: 'running' as const,
        title: key,
        input: { a: [1] },
        output: null,
        data: null,
        startedAt: now,
        finishedAt: null,
      });
      const first = await repos().StepRepository.begin(step('1'));
      await repos().StepRepository.begin(step('2'));
      expect(await repos().StepRepository.begin({ ...step('1'), id: 'x' })).toEqual(first);
      expect((await repos().StepRepository.findByRun(made.id)).map(({ seq }) => seq)).toEqual([1, 2]);
    });

    it('loses nothing and keeps nothing of transactions that roll back side by side', async () => {
      const made = await newTask();
      const insert = (i: number) =>
        repos().CommentRepository.insert({
          id: `${made.id}-${i}`,
          taskId: made.id,
          runId: null,
          author: 'a',
          authorKind: 'user',
          body: '',
          idempotencyKey: null,
          createdAt: now,
          updatedAt: now,
        });
      const failing = () =>
        repos()
          .RunRepository.insertForTask({ ...run(made), taskId: made.id, reason: null as never }, 'new')
          .catch(() => 'rolled back');
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 4 === 3 ? Promise.all([insert(i), failing()]) : insert(i))),
      );
      const { total } = await repos().CommentRepository.list(listQuery({ filters: { taskId: [made.id] } }));
      expect(total).toBe(20);
      expect((await repos().TaskRepository.findById(made.id))?.status).toBe('new');
    });

    it('removes everything under a repository', async () => {
      const made = await newTask();
      const under = await repos().RunRepository.insert(run(made));
      await repos().RepositoryRepository.delete(made.repositoryId);
      expect(await repos().TaskRepository.findById(made.id)).toBeNull();
      expect(await repos().RunRepository.findById(under.id)).toBeNull();
    });

    it('uses a sign-in link once', async () => {
      const user = {
        id: 'admin',
        name: 'Admin',
        email: null,
        roles: ['admin' as const],
        disabled: false,
        createdAt: now,
        updatedAt: now,
      };
      await repos().UserRepository.insert(user);
      expect(await repos().UserRepository.findFirstAdmin()).toEqual(user);
      await repos().SessionRepository.insertLink({
        id: 'l',
        userId: 'admin',
        tokenHash: 'h',
        expiresAt: later,
        usedAt: null,
        createdAt: now,
      });
      const uses = await Promise.all([1, 2].map(() => repos().SessionRepository.useLink('h', now)));
      expect(uses.filter(Boolean)).toHaveLength(1);
    });

    it('keeps the newest checkpoints and each message once', async () => {
      const { CheckpointRepository: checkpoints } = repos();
      const put = (checkpointId: string) =>
        checkpoints.put(
          { threadId: 'th', namespace: '', checkpointId, parentId: null, checkpoint: '{}', metadata: '{}' },
          [{ threadId: 'th', hash: 'same', value: 'm' }],
          3,
        );
      for (const checkpointId of ['1', '2', '3', '4', '5']) await put(checkpointId);
      expect((await checkpoints.list('th', '')).map((c) => c.checkpointId)).toEqual(['5', '4', '3']);
      expect(await checkpoints.blobs('th', ['same', 'none'])).toHaveLength(1);
    });

    it('logs events in order', async () => {
      const { EventRepository: events } = repos();
      const start = await events.latestId();
      const made = await Promise.all(
        ['a', 'b', 'c'].map((subjectId) =>
          events.append({ type: 'run', subjectId, repositoryId: null, taskId: null, runId: subjectId }),
        ),
      );
      expect((await events.since(start, {}, 10)).map(({ id }) => id)).toEqual(
        made.map(({ id }) => id).sort((a, b) => a - b),
      );
      expect(await events.since(start, { runId: 'b' }, 10)).toHaveLength(1);
    });
  });
});

it('says which setting is wrong, without the password', async () => {
  const open = openDatabase({ url: 'mysql://root:hunter22@127.0.0.1:1/x', home: '/' });
  await expect(open).rejects.toThrow(/DATABASE_URL: no connection to 127.0.0.1:1\/x/);
  await open.catch((error: Error) => expect(error.message).not.toContain('hunter22'));
});
