import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tightenHome, usePrivateUmask } from './private-home';
import { redactor } from './redact';
import { readSettings, secretsOf } from './settings';
import { TEKO_SETTINGS, type TekoSettings } from './teko-settings';

/** On Ctrl-C, npm forwards the SIGINT that the terminal sends to the whole process group: both are one key press. */
const DUPLICATE_SIGNAL_MS = 500;
const UNWRITABLE = ['EACCES', 'EROFS', 'ENOTDIR', 'EEXIST', 'EPERM'];

/** Returns a one-line message for errors that an operator can fix. It starts with the name of the setting. */
export function explain(error: unknown): string {
  const { code, syscall, port, path, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `PORT: port ${port} is in use; stop the other process or set PORT to a free port`;
  if (code === 'EADDRNOTAVAIL' && syscall === 'listen')
    return `HOST: this host has no such address (${message}); set HOST to 127.0.0.1, 0.0.0.0 or an address of this host`;
  if (code === 'EACCES' && syscall === 'listen')
    return `PORT: no permission to listen on port ${port}; set PORT to a port above 1023`;
  if (code && UNWRITABLE.includes(code) && path) {
    return `TEKO_HOME: ${path} is not writable (${code}); set TEKO_HOME to a writable folder`;
  }
  return message;
}

/** Runs a process until SIGINT or SIGTERM; a second signal ends it at once. If it cannot start, prints one line and exits with status 1. */
export async function runProcess(
  start: (settings: TekoSettings) => Promise<{ close(): Promise<void> }>,
): Promise<void> {
  usePrivateUmask();
  let redact = redactor([]);
  const report = (what: string, error: unknown) =>
    process.stderr.write(
      `${what}: ${redact(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
    );
  // A promise that nobody awaits, such as one of a client that lost its server, must not end the process.
  process.on('unhandledRejection', (reason) => report('Unhandled rejection', reason));
  process.on('uncaughtException', (error) => {
    report('Uncaught exception', error);
    process.exit(1);
  });
  try {
    const settings = await prepareSettings(readSettings(TEKO_SETTINGS));
    redact = redactor(secretsOf(TEKO_SETTINGS, settings));
    const { close } = await start(settings);
    let closingSince: number | null = null;
    const stop = () => {
      if (closingSince !== null && Date.now() - closingSince < DUPLICATE_SIGNAL_MS) return;
      if (closingSince !== null) process.exit(130);
      closingSince = Date.now();
      void close().then(() => process.exit(0));
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  } catch (error) {
    process.stderr.write(`${redact(explain(error))}\n`);
    process.exit(1);
  }
}

/** Prints a line to standard output. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Creates the data folder and adds the installation's secret to the settings. */
async function prepareSettings(raw: TekoSettings): Promise<TekoSettings> {
  const home = resolve(raw.TEKO_HOME);
  await mkdir(home, { recursive: true });
  if (!(await tightenHome(home)))
    process.stderr.write(`TEKO_HOME: other users of this host can read ${home}; let the user that runs Teko own it\n`);
  return { ...raw, TEKO_HOME: home, TEKO_SECRET: raw.TEKO_SECRET ?? (await installationSecret(home)) };
}

/** Returns the secret of this installation, which is generated at its first start. */
async function installationSecret(home: string): Promise<string> {
  const file = join(home, 'secret');
  const generated = randomBytes(32).toString('base64url');
  // Of several processes that start at once, only the first one writes it.
  await writeFile(file, generated, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}

/** Throws if a service that separate processes share is not configured. The message starts with the name of the setting. */
export function requireServices({ DATABASE_URL, REDIS_URL }: TekoSettings): void {
  const hint = 'separate API and worker processes share it; to run one process without services, use npm start';
  if (!DATABASE_URL || DATABASE_URL.startsWith('sqlite')) {
    throw new Error(`DATABASE_URL: must be the URL of a MySQL or MariaDB database; ${hint}`);
  }
  if (!REDIS_URL) throw new Error(`REDIS_URL: must be set; ${hint}`);
}
