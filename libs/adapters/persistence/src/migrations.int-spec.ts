import { aChange, aCodebaseProfile, aComment, anInsight, aRepository, aRun, aTask } from '@teko/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { mariadbDatabase, mariadbMissing, sqliteDatabase, type TestDatabase } from './database.fixture';

/** What came with the newest migration; rows of the version before it do not have these. */
const NEW: Record<string, string[]> = {
  repositories: ['buildCommand'],
  codebase_profiles: ['modules', 'hotSpots'],
};

const repository = aRepository();
const task = aTask({ repositoryId: repository.id });
const run = aRun({ taskId: task.id, repositoryId: repository.id });
const change = aChange({ runId: run.id, taskId: task.id, repositoryId: repository.id });
const comment = aComment({ taskId: task.id });
const profile = aCodebaseProfile({ repositoryId: repository.id, modules: null, hotSpots: null });
const ROWS = {
  repositories: repository,
  codebase_profiles: profile,
  tasks: task,
  runs: run,
  changes: change,
  comments: comment,
};

function migrationContract(name: string, open: () => Promise<TestDatabase>): void {
  describe(`migrations on ${name}`, () => {
    let test: TestDatabase;
    afterEach(() => test?.remove());
    const names = async () => {
      const runner = test.database.dataSource.createQueryRunner();
      const tables = await runner.getTables(Object.keys(ROWS));
      await runner.release();
      const keys = tables.flatMap(({ uniques, indices }) => [...uniques, ...indices]);
      return [...tables.flatMap(({ columns }) => columns), ...keys].map((one) => one.name ?? '').sort();
    };

    it('bring a database of the version before up to date, with its rows', async () => {
      test = await open();
      const { dataSource, repositories: stored } = test.database;
      // In a transaction TypeORM cannot switch SQLite's cascades off, and rows would go with the tables that are written anew.
      const undo = () => dataSource.undoLastMigration({ transaction: 'none' });
      const now = await names();
      await undo();
      const before = await names();
      expect(before).not.toContain('hotSpots');
      for (const [tableName, row] of Object.entries(ROWS)) await insertOld(test, tableName as keyof typeof ROWS, row);

      await test.database.migrate();

      expect(await names()).toEqual(now);
      expect(await stored.RepositoryRepository.findById(repository.id)).toEqual(repository);
      expect(await stored.TaskRepository.findById(task.id)).toEqual(task);
      expect(await stored.RunRepository.findById(run.id)).toEqual(run);
      expect(await stored.ChangeRepository.findById(change.id)).toEqual(change);
      expect(await stored.CommentRepository.findById(comment.id)).toEqual(comment);
      expect(await stored.CodebaseProfileRepository.findLatest(repository.id)).toEqual(profile);
      const insight = anInsight({ repositoryId: repository.id });
      await stored.InsightRepository.insert(insight);

      await undo();
      expect(await names()).toEqual(before);
      expect(await dataSource.query('SELECT id FROM comments')).toEqual([{ id: comment.id }]);
      await test.database.migrate();
      expect(await stored.InsightRepository.findById(insight.id)).toBeNull();
      await stored.RepositoryRepository.delete(repository.id);
      expect(await stored.ChangeRepository.findById(change.id), 'rows hang together as before').toBeNull();
    });
  });
}

/** Stores a row by the columns that the version before knew. */
async function insertOld({ database }: TestDatabase, tableName: keyof typeof ROWS, row: object): Promise<void> {
  const { dataSource } = database;
  const { driver } = dataSource;
  const known = dataSource.getMetadata(tableName).columns.filter((one) => !NEW[tableName]?.includes(one.propertyName));
  const values = known.map((one): unknown => driver.preparePersistentValue(row[one.propertyName as keyof object], one));
  const columns = known.map((one) => driver.escape(one.databaseName)).join(', ');
  const places = known.map(() => '?').join(', ');
  await dataSource.query(`INSERT INTO ${tableName} (${columns}) VALUES (${places})`, values);
}

const missing = await mariadbMissing();

migrationContract('SQLite', sqliteDatabase);

describe.skipIf(missing)(`MariaDB${missing ? ` (${missing})` : ''}`, () => {
  migrationContract('MariaDB', mariadbDatabase);
});
