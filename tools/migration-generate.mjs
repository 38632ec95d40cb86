/* Generates a migration for changed entities: `npm run migration:generate -- task-labels`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import prettier from 'prettier';
import { withModule } from './sources.mjs';
import { root } from './steps.mjs';

const FOLDER = join(root, 'libs', 'adapters', 'persistence', 'src');
const CHECKLIST = `Check by hand:
- A rename appears as a drop and an add, which loses data. Remove these statements and add the rename to "renames".
- A table without an entity is not dropped. Drop it, and create it again in "down".
- A new column that is not nullable needs a default, or a value for existing rows.
- SQLite rebuilds a changed table. Its INSERT must contain every remaining column.
- Changes of rows are not generated. Add UPDATE statements for both dialects.
- "down" must restore the previous schema.
Then run: npm run test:int -- libs/adapters/persistence`;

async function generate([name = '']) {
  await withModule(join(FOLDER, 'migration-generator.ts'), async ({ generateMigration, listWith, SERVER_SETTING }) => {
    const generated = await generateMigration(name, process.env[SERVER_SETTING] || undefined);
    if (!generated) {
      console.log('Entities and migrations agree. Nothing was written.');
      return;
    }
    const list = join(FOLDER, 'migrations', 'index.ts');
    const file = join(FOLDER, 'migrations', generated.file);
    await writeFormatted(file, generated.text, 'wx');
    await writeFormatted(list, listWith(await readFile(list, 'utf8'), generated));
    console.log(`Wrote ${file} and added it to the list.\n\n${CHECKLIST}`);
  });
}

async function writeFormatted(file, text, flag = 'w') {
  const options = await prettier.resolveConfig(file);
  await writeFile(file, await prettier.format(text, { ...options, filepath: file }), { flag });
}

try {
  await generate(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
