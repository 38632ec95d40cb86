/* Writes a migration for what changed in the entities: `npm run migration:generate -- task-labels`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import prettier from 'prettier';
import { withModule } from './sources.mjs';
import { root } from './steps.mjs';

const FOLDER = join(root, 'libs', 'adapters', 'persistence', 'src');
const TO_CHECK = `Check by hand:
- A rename is a drop and an add here, which loses data: take these statements out and say it in "renames".
- A table that no entity describes any more stays: drop it, and make it again in "down".
- A new column that may not be null needs a default, or a value for the rows that are there.
- SQLite writes a changed table anew: every column that stays is in its INSERT.
- Rows that must change with the schema are not seen: add UPDATE statements, for both dialects.
- "down" must bring back the schema before it.
Then run: npm run test:int -- libs/adapters/persistence`;

async function generate([name = '']) {
  await withModule(join(FOLDER, 'migration-generator.ts'), async ({ generateMigration, listWith, SERVER_SETTING }) => {
    const generated = await generateMigration(name, process.env[SERVER_SETTING] || undefined);
    if (!generated) {
      console.log('The migrations lead to the entities as they are; nothing was written.');
      return;
    }
    const list = join(FOLDER, 'migrations', 'index.ts');
    const file = join(FOLDER, 'migrations', generated.file);
    await writeFormatted(file, generated.text, 'wx');
    await writeFormatted(list, listWith(await readFile(list, 'utf8'), generated));
    console.log(`Wrote ${file} and added it to the list.\n\n${TO_CHECK}`);
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
