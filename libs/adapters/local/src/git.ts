import { spawn } from 'node:child_process';
import { UnavailableError } from '@teko/domain';

const COMMAND_TIMEOUT_MS = 120_000;
const WITH_READABLE_FILES = ['sh', '-c', 'umask 022; exec git "$@"', 'git'];

/** Key and value of a git setting. */
export type Setting = [string, string];

/** Settings that override those of any repository, whose config must not run programs. */
const FORCED_CONFIG: Setting[] = [
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  // Only Remote connects to servers, after it checked the URL.
  ['protocol.allow', 'never'],
  ['protocol.file.allow', 'always'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['fetch.fsckObjects', 'true'],
  ['transfer.fsckObjects', 'true'],
];

function environment({ settings: more = [], date, allocationLimit }: GitOptions): Record<string, string> {
  const settings = [...FORCED_CONFIG, ...more];
  const config = settings.flatMap(([key, value], i) => [
    [`GIT_CONFIG_KEY_${i}`, key],
    [`GIT_CONFIG_VALUE_${i}`, value],
  ]);
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LANG: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(config),
    ...(date ? { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date } : {}),
    ...(allocationLimit ? { GIT_ALLOC_LIMIT: String(allocationLimit) } : {}),
    ...certificates(),
  };
}

/** Passes on the CA certificates that are configured on this host. */
function certificates(): Record<string, string> {
  const file = process.env.GIT_SSL_CAINFO;
  return file ? { GIT_SSL_CAINFO: file } : {};
}

export interface GitResult {
  code: number;
  stdout: Buffer;
  stderr: string;
  /** Whether git was stopped because it printed more than `maxBytes` or `maxRecords`. */
  isCut: boolean;
}

export interface GitOptions {
  cwd?: string;
  input?: Buffer | string;
  timeoutMs?: number;
  maxBytes?: number;
  /** Maximum of records that end with a NUL byte. */
  maxRecords?: number;
  /** Whether everybody can read new files, as in an ordinary clone. Otherwise Teko's umask makes them private. */
  isReadable?: boolean;
  /** Settings for this command only. Passed by environment variables, which other users of this host cannot read. */
  settings?: Setting[];
  /** Date of new commits, ISO 8601 or `@seconds +0000`. */
  date?: string;
  /** Memory that git may allocate at once, in bytes, for data of others. */
  allocationLimit?: number;
}

/** Runs git without a shell and without user or system config. Resolves even if git fails. */
export function tryGit(args: string[], options: GitOptions = {}): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const [command, ...before] = options.isReadable ? WITH_READABLE_FILES : ['git'];
    const child = spawn(command!, [...before, ...args], {
      cwd: options.cwd,
      env: environment(options),
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? COMMAND_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    let bytes = 0;
    let records = 0;
    let isCut = false;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (options.maxRecords !== undefined) records += countNuls(chunk);
      isCut ||=
        bytes > (options.maxBytes ?? Number.POSITIVE_INFINITY) ||
        records > (options.maxRecords ?? Number.POSITIVE_INFINITY);
      if (isCut) child.kill('SIGKILL');
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-4000)));
    child.on('error', (error) =>
      reject(new UnavailableError('git', `git cannot be run (${error.message})`, 'Install git')),
    );
    child.on('close', (code) => resolve({ code: code ?? 128, stdout: Buffer.concat(out), stderr, isCut }));
    // If git exits early, writing to its input fails; the exit code reports the error.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);
  });
}

function countNuls(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) count++;
  return count;
}

/** Runs git and returns its output. Throws UnavailableError with git's error message. */
export async function git(args: string[], options: GitOptions = {}): Promise<Buffer> {
  const result = await tryGit(args, options);
  if (result.code !== 0) throw new UnavailableError('git', `git ${verb(args)} failed: ${shortError(result.stderr)}`);
  return result.stdout;
}

function verb(args: string[]): string {
  return args.find((arg, i) => !arg.startsWith('-') && !['-C', '-c', '--git-dir'].includes(args[i - 1] ?? '')) ?? '';
}

/** Returns the last lines of an error message, without credentials in URLs. */
export function shortError(text: string): string {
  return (
    text
      .replace(/:\/\/[^/@\s]+@/g, '://')
      .trim()
      .split('\n')
      .slice(-3)
      .join('; ') || 'no reason given'
  );
}
