import { aRepository, aTask, expectEachClaimedOnce, repositoryContracts } from '@teko/testing';
import type { EntityManager } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from './database';
import {
  emptyMariadbDatabase,
  mariadbDatabase,
  mariadbSkipReason,
  sqliteDatabase,
  type TestDatabase,
} from './database.fixture';
import { migrations } from './migrations';
import { Store } from './store';

/** What holds on both dialects: the contracts of all ports, no schema drift, isolated transactions. */
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

    it('migrates twice without a change, and responds to a ping', async () => {
      await test.database.migrate();
      await test.database.ping();
      expect(await test.database.dataSource.query('SELECT name FROM migrations')).toHaveLength(migrations.length);
    });

    it('refuses to undo the source keys per repository while two repositories share one, and changes nothing', async () => {
      const { repositories, dataSource } = test.database;
      const undo = () => dataSource.undoLastMigration({ transaction: 'none' });
      const [one, other] = [aRepository(), aRepository()];
      for (const repository of [one, other]) {
        await repositories.RepositoryRepository.insert(repository);
        await repositories.TaskRepository.insert(aTask({ repositoryId: repository.id, sourceKey: 'shared' }));
      }
      await expect(undo()).rejects.toThrow(/^The tasks \d+ and \d+ come from the same source/);
      expect(await repositories.TaskRepository.findBySourceKey(other.id, 'shared')).toMatchObject({ isBug: false });
      await repositories.RepositoryRepository.delete(other.id);
    });

    it('undoes every migration and migrates again', async () => {
      await test.database.dataSource.query('DELETE FROM tasks');
      for (const _ of migrations) await test.database.dataSource.undoLastMigration({ transaction: 'none' });
      await test.database.migrate();
      expect(await test.database.repositories.EventRepository.latestId()).toBe(0);
    });

    it('lets exactly one of several processes claim each webhook, in order', async () => {
      const others = await Promise.all([test.reopen(), test.reopen(), test.reopen()]);
      const ports = [test.database, ...others].map(({ repositories }) => repositories.WebhookEventRepository);
      await expectEachClaimedOnce([...ports, ...ports]);
    });

    it('isolates concurrent writes from transactions that are rolled back', async () => {
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
        repositories.RepositoryRepository.insert(aRepository({ name: `concurrent ${n}` })),
      );
      const pairs = Array.from({ length: 60 }, (_, n) => pair(n, n % 3 === 0).catch(() => 'rolled back'));
      await Promise.all([...saves, ...pairs]);
      const stored = await dataSource.getRepository('tasks').findBy({ repositoryId: repository.id });
      expect(stored).toHaveLength(80);
      expect(stored.filter(({ id }) => Number.parseInt(id as string) % 3 === 0)).toEqual([]);
      expect(await dataSource.getRepository('repositories').count()).toBe(before + 31);
    });
  });

  /** The store that the repositories share; another one would not wait for their transactions. */
  function storeOf({ database }: TestDatabase): Store {
    return (database.repositories.TaskRepository as unknown as { store: Store }).store;
  }
}

const skipReason = await mariadbSkipReason();

databaseContract('SQLite', sqliteDatabase);

describe.skipIf(skipReason)(`MariaDB${skipReason ? ` (${skipReason})` : ''}`, () => {
  databaseContract('MariaDB', mariadbDatabase);

  it('is migrated once by processes that start at the same time', async () => {
    const test = await mariadbDatabase();
    onTestFinished(() => test.remove());
    await test.database.dataSource.undoLastMigration({ transaction: 'none' });
    const others = await Promise.all([test.reopen(), test.reopen(), test.reopen()]);
    await Promise.all(others.map((other) => other.migrate()));
    expect(await test.database.dataSource.query('SELECT name FROM migrations')).toHaveLength(migrations.length);
  });

  it('says what to do if a migration that was interrupted cannot run again', async () => {
    const test = await emptyMariadbDatabase();
    onTestFinished(() => test.remove());
    await test.database.dataSource.query('CREATE TABLE users (id varchar(36))');
    await expect(test.database.migrate()).rejects.toThrow(/^DATABASE_URL: .*users.*restore the backup/);
  });
});

describe('openDatabase', () => {
  it.each([
    ['an unreachable host', 'mysql://root:hunter22@127.0.0.1:1/x', '127.0.0.1:1/x'],
    ['an unknown scheme', 'postgres://root:hunter22@127.0.0.1/x', 'mysql://'],
    ['an invalid URL', 'mysql://root:hunter22@', 'DATABASE_URL'],
  ])('names the setting but never the password for %s', async (_, url, text) => {
    const error = await openDatabase({ url, home: '/' }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'unavailable', service: 'database' });
    const { message } = error as Error;
    expect(message).toContain('DATABASE_URL');
    expect(message).toContain(text);
    expect(message).not.toContain('hunter22');
  });
});
