import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it, onTestFinished } from 'vitest';
import { line, longText, nullable, ref, word } from './columns';
import { emptyMariadbDatabase, emptySqliteDatabase, MARIADB, mariadbSkipReason } from './database.fixture';
import { tables } from './entities';
import { generateMigration, listWith, type Generated } from './migration-generator';
import { migrations } from './migrations';
import { MigratedDatabase, RELEASES, type MigrationClass } from './migrations.fixture';
import type { TableShape } from './schema';

/** The current tables with a new table, a new column, a new index, a removed column and a changed default. */
function changedShapes(mysql: boolean): TableShape[] {
  const { tasks, repositories, ...others } = tables(mysql);
  const { requestedBy: _, ...columns } = tasks.columns;
  return [
    ...Object.values(others),
    { ...tasks, columns: { ...columns, ["o'clock"]: nullable(line) }, index: [...tasks.index, ['kind', "o'clock"]] },
    { ...repositories, columns: { ...repositories.columns, approvers: { ...word, default: 'admins' } } },
    {
      name: 'labels',
      columns: { id: { ...ref, primary: true }, taskId: ref, name: line, note: nullable(longText(mysql)) },
      unique: [['taskId', 'name']],
      index: [],
      parents: { taskId: 'tasks' },
    },
  ];
}

/** The project's migrations plus `generated`. */
async function withGenerated(generated: Generated): Promise<MigrationClass[]> {
  const folder = await mkdtemp(join(tmpdir(), 'teko-migrations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(import.meta.dirname, 'migrations'), folder, { recursive: true });
  await writeFile(join(folder, 'tsconfig.json'), '{}');
  const write = async (name: string, text: string) =>
    writeFile(join(folder, name), await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120 }));
  await write(generated.file, generated.text);
  await write('index.ts', listWith(await readFile(join(folder, 'index.ts'), 'utf8'), generated));
  return ((await import(join(folder, 'index.ts'))) as { migrations: MigrationClass[] }).migrations;
}

const skipReason = await mariadbSkipReason();

describe.skipIf(skipReason)(`a generated migration${skipReason ? ` (${skipReason})` : ''}`, () => {
  it('is not written if entities and migrations agree', async () => {
    expect(await generateMigration('nothing-new', MARIADB)).toBeNull();
  });

  it('leads from the released schema to the entities and back on both dialects, keeping all rows', async () => {
    const generated = await generateMigration('task-labels', MARIADB, { migrations, shapes: changedShapes });
    expect(generated!.className).toMatch(/^TaskLabels\d{13}$/);
    expect(generated!.text).not.toContain('teko_migration');
    const list = await withGenerated(generated!);
    expect(list.map(({ name }) => name)).toEqual([...migrations.map(({ name }) => name), generated!.className]);
    for (const openEmpty of [emptySqliteDatabase, emptyMariadbDatabase]) {
      const database = await MigratedDatabase.open(openEmpty, list, changedShapes);
      const stored = await database.upWith(RELEASES.at(-1)!, migrations.length);
      const before = await database.schema();

      await database.upTo();
      expect(await database.drift()).toEqual([]);
      await database.downTo(migrations.length);

      expect(await database.schema()).toEqual(before);
      const { tasks } = tables(false);
      const expected = stored[tasks.name]!.map(({ requestedBy: _, ...row }) => row);
      await database.expectRows({ ...stored, [tasks.name]: expected }, 'back');
    }
  });
});

it('names the setting but not the password if the server is unreachable', async () => {
  const failed = generateMigration('task-labels', 'mysql://root:hunter22@127.0.0.1:1');
  await expect(failed).rejects.toThrow(/^TEKO_MIGRATION_SERVER: .*127\.0\.0\.1:1 /);
  await expect(failed).rejects.not.toThrow('hunter22');
});

it.each(['', 'Task labels', '../x', '1st'])('rejects %j as a name', async (title) => {
  await expect(generateMigration(title, MARIADB)).rejects.toThrow('is not a valid migration name');
});
