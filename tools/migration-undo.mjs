/*
 * `npm run migration:undo`: undoes the newest migration of the configured database, for a downgrade to the previous release.
 * Upgrades need no command: Teko migrates the database at every start.
 */
import { join, resolve } from 'node:path';
import { withModules } from './sources.mjs';
import { root } from './steps.mjs';

const SOURCES = [
  'platform/src/settings.ts',
  'platform/src/teko-settings.ts',
  'adapters/persistence/src/migration-undo.ts',
  'adapters/persistence/src/migrations/index.ts',
].map((path) => join(root, 'libs', path));

async function undo({ readSettings }, { TEKO_SETTINGS }, { undoNewestMigration }, { PREVIOUS_RELEASE }) {
  const { DATABASE_URL: url, TEKO_HOME: home } = readSettings(TEKO_SETTINGS);
  const { name, remaining } = await undoNewestMigration({ url, home: resolve(root, home) });
  const { version } = PREVIOUS_RELEASE;
  console.log(
    remaining > 0
      ? `Undid migration ${name}. Run this command again (${remaining} left) to return to the schema of release ${version}.`
      : `Undid migration ${name}. The database now has the schema of release ${version}.`,
  );
}

try {
  await withModules(SOURCES, undo);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
