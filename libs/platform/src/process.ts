import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSettings } from './settings';
import { TEKO_SETTINGS, type TekoSettings } from './teko-settings';

const UNWRITABLE = ['EACCES', 'EROFS', 'ENOTDIR', 'EEXIST', 'EPERM'];

/** One clear line for what an operator can mend; the setting's name comes first. */
export function explain(error: unknown): string {
  const fault = error as NodeJS.ErrnoException & { port?: number };
  if (fault.code === 'EADDRINUSE')
    return `PORT: port ${fault.port} is in use; stop what uses it or set PORT to another one`;
  if (fault.code === 'EACCES' && fault.syscall === 'listen')
    return `PORT: no right to listen on port ${fault.port}; set PORT to one above 1023`;
  if (fault.code && UNWRITABLE.includes(fault.code) && fault.path) {
    return `TEKO_HOME: ${fault.path} cannot be written (${fault.code}); set TEKO_HOME to a folder that can`;
  }
  return fault.message;
}

/** Runs a process from its settings until a signal tells it to stop; ends with one line where it cannot start. */
export async function runProcess(
  start: (settings: TekoSettings) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  try {
    const { close } = await start(await preparedSettings(readSettings(TEKO_SETTINGS)));
    let closing = false;
    const stop = () => {
      if (closing) process.exit(130);
      closing = true;
      void close().then(() => process.exit(0));
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

/** One line of a process to whoever started it. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The settings with the data folder there and the installation's secret known. */
async function preparedSettings(raw: TekoSettings): Promise<TekoSettings> {
  const home = resolve(raw.TEKO_HOME);
  await mkdir(home, { recursive: true });
  return { ...raw, TEKO_HOME: home, TEKO_SECRET: raw.TEKO_SECRET ?? (await keptSecret(home)) };
}

/** The secret of this installation, made at its first start. */
async function keptSecret(home: string): Promise<string> {
  const file = join(home, 'secret');
  const fresh = randomBytes(32).toString('base64url');
  // Only the first of several starts writes it.
  await writeFile(file, fresh, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}

/** What several processes share must be a server; throws with the setting's name where one is not set. */
export function requireServices({ DATABASE_URL, REDIS_URL }: TekoSettings): void {
  const hint = 'API and worker as processes of their own share it; for one process without services use npm start';
  if (!DATABASE_URL || DATABASE_URL.startsWith('sqlite')) {
    throw new Error(`DATABASE_URL: must name a MySQL or MariaDB database; ${hint}`);
  }
  if (!REDIS_URL) throw new Error(`REDIS_URL: must be set; ${hint}`);
}
