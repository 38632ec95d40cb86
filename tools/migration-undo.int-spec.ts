import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aRepository } from '@teko/testing';
import { expect, it, onTestFinished } from 'vitest';
import {
  MARIADB,
  mariadbDatabase,
  mariadbSkipReason,
  sqliteDatabase,
  type TestDatabase,
} from '../libs/adapters/persistence/src/database.fixture';
import { migrations, PREVIOUS_RELEASE } from '../libs/adapters/persistence/src/migrations';
import { RELEASES } from '../libs/adapters/persistence/src/migrations.fixture';
import { openDatabase, type Database } from '../libs/adapters/persistence/src/index';

const tool = fileURLToPath(new URL('migration-undo.mjs', import.meta.url));

function undo(env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool], {
    env: { PATH: process.env.PATH, TMPDIR: tmpdir(), ...env },
  });
  return { status, output: `${stdout.toString()}${stderr.toString()}` };
}

/** A migrated database with one repository. */
async function withRepository(opening: Promise<TestDatabase>): Promise<TestDatabase> {
  const test = await opening;
  onTestFinished(() => test.remove());
  await test.database.repositories.RepositoryRepository.insert(aRepository({ name: 'kept' }));
  return test;
}

async function expectSteps({ dataSource }: Database, steps: number): Promise<void> {
  const names = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY timestamp');
  expect(names.map(({ name }) => name)).toEqual(migrations.slice(0, steps).map(({ name }) => name));
  expect(await dataSource.query('SELECT name FROM repositories')).toEqual([{ name: 'kept' }]);
}

it('the previous release is the newest one whose rows the migrations are tested with', () => {
  const { version, steps } = RELEASES.at(-1)!;
  expect(PREVIOUS_RELEASE).toEqual({ version, migrations: steps });
});

it('undoes the migrations of a SQLite database that is not in use, down to the previous release', async () => {
  const test = await withRepository(sqliteDatabase());
  const used = join(String(test.database.dataSource.options.database), '..');
  expect(undo({ TEKO_HOME: used })).toEqual({
    status: 1,
    output: expect.stringMatching(/teko\.db is in use .*\. Stop Teko, then try again\.\n$/),
  });
  expect(await test.database.dataSource.query('SELECT name FROM migrations')).toHaveLength(migrations.length);

  const home = mkdtempSync(join(tmpdir(), 'teko-undo-'));
  await test.database.dataSource.query(`VACUUM INTO '${join(home, 'teko.db')}'`);
  for (const { name } of migrations.slice(PREVIOUS_RELEASE.migrations).reverse())
    expect(undo({ TEKO_HOME: home })).toEqual({
      status: 0,
      output: expect.stringContaining(`Undid migration ${name}.`),
    });
  expect(undo({ TEKO_HOME: home })).toEqual({
    status: 1,
    output: `Nothing to undo: the database already has the schema of release ${PREVIOUS_RELEASE.version}.\n`,
  });
  const database = await openDatabase({ url: undefined, home });
  onTestFinished(() => database.close());
  await expectSteps(database, PREVIOUS_RELEASE.migrations);
});

it('creates no database', () => {
  const home = mkdtempSync(join(tmpdir(), 'teko-undo-'));
  expect(undo({ TEKO_HOME: home })).toEqual({ status: 1, output: `There is no database at ${home}/teko.db.\n` });
});

const skipReason = await mariadbSkipReason();

it.skipIf(skipReason)(
  `undoes the newest migration of a MariaDB database${skipReason ? ` (${skipReason})` : ''}`,
  async () => {
    const { database } = await withRepository(mariadbDatabase());
    const url = `${MARIADB}/${String(database.dataSource.options.database)}`;
    expect(undo({ DATABASE_URL: url })).toEqual({
      status: 0,
      output: expect.stringContaining(`Undid migration ${migrations.at(-1)!.name}.`),
    });
    await expectSteps(database, migrations.length - 1);
  },
);
