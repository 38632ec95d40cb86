import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '@teko/domain';
import type { RunResult } from './run-result';

const MAX_KEPT = 10;
const MAX_AGE_MS = 30 * 24 * 3_600_000;

/** Returns the result of the work, or its error, or an error after this time. */
export async function settledWithin<T>(ms: number, work: Promise<T>): Promise<T | Error> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`it took more than ${ms / 1000} seconds`)), ms);
  });
  return Promise.race([work.catch((error: Error) => error), timeout]).finally(() => clearTimeout(timer));
}

/** Adds to the result of a run whose work could not be committed where its files are, unless nobody wants them. */
export function withUnsavedWork(runId: string, result: RunResult, reason: Error): RunResult {
  if (result.status === 'cancelled') return result;
  const text = `Its work could not be saved (${reason.message}); its files are in the folder unsaved/${runId} of TEKO_HOME.`;
  const detail = /[.!?]$/.test(result.detail) ? result.detail : `${result.detail}.`;
  return { ...result, detail: `${detail} ${text}`, hasUnsavedWork: true };
}

/** Moves the workspace of an ended run to the folder for unsaved work. Does nothing if there is none. */
export async function keepWorkspace(home: string, runId: string): Promise<void> {
  await mkdir(join(home, 'unsaved'), { recursive: true, mode: 0o700 });
  await rename(join(home, 'workspaces', runId, 'agent'), join(home, 'unsaved', runId)).catch(() => undefined);
}

/** Deletes kept workspaces that are older than 30 days, and all but the newest ten. */
export async function sweepKeptWorkspaces(
  home: string,
  now: Date,
  sandbox: Pick<Sandbox, 'removeFolder'>,
): Promise<void> {
  const folder = join(home, 'unsaved');
  const names = await readdir(folder).catch(() => []);
  // The time of the last change of the folder's name or owner, which the sandbox cannot set.
  const times = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).ctimeMs));
  const kept = names.map((name, i) => ({ name, time: times[i]! })).sort((a, b) => b.time - a.time);
  const old = kept.filter(({ time }, i) => i >= MAX_KEPT || now.getTime() - time > MAX_AGE_MS);
  for (const { name } of old) await sandbox.removeFolder(join(folder, name));
}
