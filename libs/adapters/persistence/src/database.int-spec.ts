import { aRepository, aTask, expectEachClaimedOnce, repositoryContracts } from '@teko/testing';
import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from './database';
import { mariadbDatabase, mariadbMissing, sqliteDatabase, type TestDatabase } from './database.fixture';
import { migrations } from './migrations';
import { Store } from './store';

/** What a database does on either dialect: the contracts of all ports, one schema, transactions that keep apart. */
function databaseContract(name: string, open: () => Promise<TestDatabase>): void {
  describe(`database on ${name}`, () => {
    let test: TestDatabase;
    beforeAll(async () => {
      test = await open();
    });
    afterAll(() => test?.remove());

    repositoryContracts(name, () => test.database.repositories);

    it('has no drift between entities and migrations', async () => {
      const { upQueries } = await test.database.dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
    });

    it('migrates again without a change, and answers', async () => {
      await test.database.migrate();
      await test.database.ping();
      expect(await test.database.dataSource.query('SELECT name FROM migrations')).toHaveLength(migrations.length);
    });

    it('goes back to nothing and up again', async () => {
      for (const _ of migrations) await test.database.dataSource.undoLastMigration({ transaction: 'none' });
      await test.database.migrate();
      expect(await test.database.repositories.EventRepository.latestId()).toBe(0);
    });

    it('gives each webhook to one of several processes, in order', async () => {
      const others = await Promise.all([test.again(), test.again(), test.again()]);
      const ports = [test.database, ...others].map(({ repositories }) => repositories.WebhookEventRepository);
      await expectEachClaimedOnce([...ports, ...ports]);
    });

    it('loses nothing and keeps nothing of transactions that roll back side by side', async () => {
      const { repositories, dataSource } = test.database;
      const store = storeOf(test);
      const before = await dataSource.getRepository('repositories').count();
      const repository = aRepository();
      await repositories.RepositoryRepository.insert(repository);
      const add = (manager: EntityManager, id: string, number: number) =>
        manager.insert('tasks', aTask({ id, number, repositoryId: repository.id }));
      const pair = (n: number, fail: boolean) =>
        store.transaction(async (manager) => {
          await add(manager, `${n}a`, 10_000 + 2 * n);
          await new Promise((resolve) => setTimeout(resolve, n % 3));
          await add(manager, `${n}b`, 10_001 + 2 * n);
          if (fail) throw new Error('rolled back');
        });
      const saves = Array.from({ length: 30 }, (_, n) =>
        repositories.RepositoryRepository.insert(aRepository({ name: `beside ${n}` })),
      );
      const pairs = Array.from({ length: 60 }, (_, n) => pair(n, n % 3 === 0).catch(() => 'rolled back'));
      await Promise.all([...saves, ...pairs]);
      const kept = await dataSource.getRepository('tasks').findBy({ repositoryId: repository.id });
      expect(kept).toHaveLength(80);
      expect(kept.filter(({ id }) => Number.parseInt(id as string) % 3 === 0)).toEqual([]);
      expect(await dataSource.getRepository('repositories').count()).toBe(before + 31);
    });
  });

  /** The store that the repositories share: work beside it would not take turns with them. */
  function storeOf({ database }: TestDatabase): Store {
    return (database.repositories.TaskRepository as unknown as { store: Store }).store;
  }
}

const missing = await mariadbMissing();

databaseContract('SQLite', sqliteDatabase);

describe.skipIf(missing)(`MariaDB${missing ? ` (${missing})` : ''}`, () => {
  databaseContract('MariaDB', mariadbDatabase);

  it('is migrated once by processes that start together', async () => {
    const test = await mariadbDatabase();
    onTestFinished(() => test.remove());
    await test.database.dataSource.undoLastMigration({ transaction: 'none' });
    const others = await Promise.all([test.again(), test.again(), test.again()]);
    await Promise.all(others.map((other) => other.migrate()));
    expect(await test.database.dataSource.query('SELECT name FROM migrations')).toHaveLength(migrations.length);
  });
});

describe('openDatabase', () => {
  it.each([
    ['a host that does not answer', 'mysql://root:hunter22@127.0.0.1:1/x', '127.0.0.1:1/x'],
    ['a scheme it does not know', 'postgres://root:hunter22@127.0.0.1/x', 'mysql://'],
    ['what is no address', 'mysql://root:hunter22@', 'DATABASE_URL'],
  ])('names the setting for %s, and never the password', async (_, url, text) => {
    const error = await openDatabase({ url, home: '/' }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'unavailable', service: 'database' });
    const { message } = error as Error;
    expect(message).toContain('DATABASE_URL');
    expect(message).toContain(text);
    expect(message).not.toContain('hunter22');
  });
});
