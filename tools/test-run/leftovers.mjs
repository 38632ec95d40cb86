/* Finds and removes what a test run leaves: processes and databases. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

export const MARIADB = 'mysql://root@127.0.0.1:3306';

/** Returns processes with the run's folder in their command line, environment or working directory, except this one and `except`. */
export function processesOf(folder, except = []) {
  return processIds()
    .filter((pid) => pid !== process.pid && !except.includes(pid))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    .filter(({ pid, command }) =>
      [command, read(pid, 'environ'), workingDirectory(pid)].some((text) => names(text, folder)),
    );
}

/** Returns the run's databases on MariaDB; empty if no server is running. */
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

/** Returns the name of the run with this folder. */
export const runOf = (folder) => basename(folder).replace(/^teko-test-/, '');

async function onMariadb(work) {
  let connection;
  try {
    const { createConnection } = await import('mysql2/promise');
    connection = await createConnection(MARIADB);
  } catch {
    // No server is running, or the packages are not installed yet.
    return [];
  }
  try {
    return await work(async (statement) => (await connection.query(statement))[0]);
  } finally {
    await connection.end();
  }
}

/** Whether a text contains the path: `/tmp/teko-test-ab` is not contained in `/tmp/teko-test-abc`. */
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
    // There is no /proc, for example on macOS.
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
