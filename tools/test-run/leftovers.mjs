/* What a run of the tests made outside its own process: processes, databases, and its folder. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export const MARIADB = 'mysql://root@127.0.0.1:3306';

/** Processes that name the run's folder in their command line, environment or working directory, this one and `except` aside. */
export function processesOf(folder, except = []) {
  return processIds()
    .filter((pid) => pid !== process.pid && !except.includes(pid))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    .filter(({ pid, command }) =>
      [command, read(pid, 'environ'), workingDirectory(pid)].some((text) => names(text, folder)),
    );
}

/** Databases of the run on MariaDB; none where no server answers. */
export async function databasesOf(folder) {
  return onMariadb(async (query) => {
    const rows = await query('SELECT schema_name AS name FROM information_schema.schemata');
    return rows.map(({ name }) => name).filter((name) => name.startsWith(`teko_test_${runOf(folder)}_`));
  });
}

export async function dropDatabases(names) {
  if (names.length > 0)
    await onMariadb((query) => Promise.all(names.map((name) => query(`DROP DATABASE IF EXISTS ${name}`))));
}

/** The name of the run that a folder belongs to. */
export const runOf = (folder) => basename(folder).replace(/^teko-test-/, '');

async function onMariadb(work) {
  let connection;
  try {
    const { createConnection } = await import('mysql2/promise');
    connection = await createConnection(MARIADB);
  } catch {
    // No server answers, or the packages are not installed yet.
    return [];
  }
  try {
    return await work(async (statement) => (await connection.query(statement))[0]);
  } finally {
    await connection.end();
  }
}

// `/tmp/teko-test-ab` is no part of `/tmp/teko-test-abc`.
function names(text, folder) {
  for (let at = text.indexOf(folder); at >= 0; at = text.indexOf(folder, at + 1))
    if (!/[\w-]/.test(text[at + folder.length] ?? '')) return true;
  return false;
}

function processIds() {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    // No /proc, as on macOS.
    return [];
  }
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process has ended, or belongs to another user.
    return '';
  }
}

function workingDirectory(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
