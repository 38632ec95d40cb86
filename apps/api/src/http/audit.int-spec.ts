import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '@teko/persistence';
import { aComment, aFinding, aRepository, aRun, aTask, testDatabaseName } from '@teko/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiFixture, type ApiClient } from '../api.fixture';

const MARIADB = 'mysql://root@127.0.0.1:3306';

interface TestDatabase {
  database: Database;
  remove(): Promise<void>;
}

async function sqlite(): Promise<TestDatabase> {
  const home = mkdtempSync(join(tmpdir(), 'teko-audit-'));
  const database = await openDatabase({ url: undefined, home });
  return { database, remove: async () => rmSync(home, { recursive: true, force: true }) };
}

async function mariadb(): Promise<TestDatabase> {
  const name = testDatabaseName('audit');
  const server = await openDatabase({ url: `${MARIADB}/information_schema`, home: '/' });
  await server.dataSource.query(`CREATE DATABASE ${name}`);
  const database = await openDatabase({ url: `${MARIADB}/${name}`, home: '/' });
  const remove = async () => {
    await server.dataSource.query(`DROP DATABASE ${name}`);
    await server.close();
  };
  return { database, remove };
}

const REFUSE = {
  SQLite: `CREATE TRIGGER refuse BEFORE INSERT ON audit_log_entries BEGIN SELECT RAISE(ABORT, 'refused'); END`,
  MariaDB: `CREATE TRIGGER refuse BEFORE INSERT ON audit_log_entries FOR EACH ROW SIGNAL SQLSTATE '45000'`,
};

function auditContract(name: keyof typeof REFUSE, open: () => Promise<TestDatabase>): void {
  describe(`changes through the API on ${name}`, () => {
    let test: TestDatabase;
    let api: ApiFixture;
    let admin: ApiClient;
    let ids: Record<'repository' | 'task' | 'comment' | 'finding' | 'user' | 'role', string>;
    beforeAll(async () => {
      test = await open();
      const { database } = test;
      await database.migrate();
      api = await ApiFixture.start({}, undefined, database);
      const user = await api.user({ roles: ['admin'] });
      admin = await api.clientOf(user);
      const rows = database.repositories;
      const repository = aRepository();
      await rows.RepositoryRepository.insert(repository);
      const task = await rows.TaskRepository.insert(aTask({ repositoryId: repository.id, status: 'new' }));
      const comment = aComment({ taskId: task.id, authorId: user.id });
      await rows.CommentRepository.insert(comment);
      const run = await rows.RunRepository.insert(
        aRun({ repositoryId: repository.id, taskId: task.id, status: 'failed' }),
      );
      const finding = aFinding({ repositoryId: repository.id, taskId: task.id, runId: run.id });
      await rows.FindingRepository.insert(finding);
      const role = (await admin.post('/api/v1/roles', { name: 'before', permissions: [] })).body;
      const other = await api.user();
      ids = {
        ...{ repository: repository.id, task: task.id, comment: comment.id, finding: finding.id },
        ...{ user: other.id, role: String(role.id) },
      };
    });
    afterAll(async () => {
      await api?.close();
      await test?.database.close();
      await test?.remove();
    });

    /** All rows of all tables, except what signing in and reading changes. */
    async function stored(): Promise<Record<string, unknown>> {
      const { dataSource } = test.database;
      const tables = dataSource.entityMetadatas
        .map(({ tableName }) => tableName)
        .filter((table) => table !== 'sessions');
      const entries: [string, unknown][] = [];
      for (const table of tables.sort()) entries.push([table, await dataSource.query(`SELECT * FROM ${table}`)]);
      return Object.fromEntries(entries);
    }

    const CHANGES: [string, () => [string, string, unknown?]][] = [
      ['a new task', () => ['POST', '/tasks', { repositoryId: ids.repository, kind: 'implement', title: 'New' }]],
      ['an edited task', () => ['PATCH', `/tasks/${ids.task}`, { title: 'Edited' }]],
      ['a cancelled task', () => ['POST', `/tasks/${ids.task}/cancel`]],
      ['a deleted task', () => ['DELETE', `/tasks/${ids.task}`]],
      ['a comment', () => ['POST', `/tasks/${ids.task}/comments`, { body: 'Hello' }]],
      ['an edited comment', () => ['PATCH', `/comments/${ids.comment}`, { body: 'Edited' }]],
      ['an edited repository', () => ['PATCH', `/repositories/${ids.repository}`, { testCommand: 'true' }]],
      ['a requested analysis', () => ['POST', `/repositories/${ids.repository}/analyses`]],
      ['a deleted repository', () => ['DELETE', `/repositories/${ids.repository}`]],
      ['a new user', () => ['POST', '/users', { name: 'Ada' }]],
      ['an edited user', () => ['PATCH', `/users/${ids.user}`, { roles: ['viewer'] }]],
      ['a deleted user', () => ['DELETE', `/users/${ids.user}`]],
      ['a sign-in link', () => ['POST', `/users/${ids.user}/sign-in-links`]],
      ['a new role', () => ['POST', '/roles', { name: 'after', permissions: [] }]],
      ['a deleted role', () => ['DELETE', `/roles/${ids.role}`]],
      ['a new budget', () => ['POST', '/budgets', { scope: 'installation', period: 'month', limitMicros: 1 }]],
      ['an edited finding', () => ['PATCH', `/findings/${ids.finding}`, { status: 'accepted' }]],
      [
        'an API token',
        () => [
          'POST',
          '/api-tokens',
          { name: 'ci', scopes: ['read:Task'], expiresAt: new Date(Date.now() + 86_400_000).toISOString() },
        ],
      ],
    ];

    it.each(CHANGES)('are undone if their audit entry cannot be written: %s', async (_, request) => {
      const [method, path, body] = request();
      await test.database.dataSource.query(REFUSE[name]);
      try {
        const before = await stored();
        expect(await admin.request(method, `/api/v1${path}`, body)).toMatchObject({ status: 500 });
        expect(await stored()).toEqual(before);
      } finally {
        await test.database.dataSource.query('DROP TRIGGER refuse');
      }
    });

    it('are stored with one audit entry each, also concurrently', async () => {
      const { AuditLogEntryRepository: log, UserRepository: users } = test.database.repositories;
      const before = (await log.head()).lastId;
      const names = Array.from({ length: 12 }, (_, n) => `User ${n}`);
      const made = await Promise.all(names.map((user) => admin.post('/api/v1/users', { name: user })));
      expect(made.map(({ status }) => status)).toEqual(names.map(() => 201));
      const entries = await log.findAfter(before, 100);
      expect(entries.map(({ subjectId }) => subjectId).sort()).toEqual(made.map(({ body }) => String(body.id)).sort());
      for (const { body } of made) expect(await users.findById(String(body.id))).not.toBeNull();
    });
  });
}

async function mariadbSkipReason(): Promise<string | null> {
  try {
    await (await openDatabase({ url: `${MARIADB}/information_schema`, home: '/' })).close();
    return null;
  } catch (error) {
    if (process.env.CI) throw error;
    return `skipped: no MariaDB at ${MARIADB}`;
  }
}

const skipReason = await mariadbSkipReason();

auditContract('SQLite', sqlite);

describe.skipIf(skipReason)(skipReason ?? 'MariaDB', () => {
  auditContract('MariaDB', mariadb);
});
