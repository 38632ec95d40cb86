import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { copyApp, SNAPSHOTS_TO_KEEP, useSnapshot } from './snapshots.mjs';

const HOUR_AGO = Date.now() / 1000 - 3600;

/** Starts from a build, then makes the snapshot an hour old with `user` as its only user. */
async function startFrom(folder: string, id: string, user?: number): Promise<string> {
  const path = await useSnapshot(folder, id, (draft: string) => writeFileSync(join(draft, 'main.js'), id));
  rmSync(join(path, '.used-by', String(process.pid)));
  if (user) writeFileSync(join(path, '.used-by', String(user)), '');
  utimesSync(path, HOUR_AGO, HOUR_AGO + Number(id));
  return path;
}

it('keeps a snapshot in use and the newest of the others', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
  const server = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void server.kill('SIGKILL'));
  const running = await startFrom(folder, '1', server.pid);
  const paths = [];
  for (let n = 2; n < SNAPSHOTS_TO_KEEP + 4; n++) paths.push(await startFrom(folder, String(n)));
  expect(existsSync(running)).toBe(true);
  expect(paths.map((path) => existsSync(path))).toEqual([false, false, ...Array(SNAPSHOTS_TO_KEEP).fill(true)]);

  server.kill('SIGKILL');
  await once(server, 'exit');
  await startFrom(folder, '99');
  expect(existsSync(running)).toBe(false);
});

it('copies a build once, and leaves no snapshot of a failed build', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'snapshots-'));
  const path = await startFrom(folder, '1');
  const again = await useSnapshot(folder, '1', () => {
    throw new Error('built again');
  });
  expect([again, readFileSync(join(path, 'main.js'), 'utf8')]).toEqual([path, '1']);
  const failing = useSnapshot(folder, '2', () => Promise.reject(new Error('no build')));
  await expect(failing).rejects.toThrow('no build');
  expect(existsSync(join(folder, '2'))).toBe(false);
});

it('does not change a copy on rebuild', () => {
  const app = mkdtempSync(join(tmpdir(), 'app-'));
  const copy = mkdtempSync(join(tmpdir(), 'copy-'));
  for (const name of ['dist', 'dist/.compile-cache', 'demo']) mkdirSync(join(app, name));
  for (const name of ['dist/main.js', 'dist/part-1.js', 'dist/.compile-cache/x', 'demo/ticket.json'])
    writeFileSync(join(app, name), 'before');
  copyApp(app, ['demo'], copy);
  writeFileSync(join(app, 'dist/main.js'), 'after');
  rmSync(join(app, 'dist/part-1.js'));
  const read = (name: string) => readFileSync(join(copy, name), 'utf8');
  expect(['dist/main.js', 'dist/part-1.js', 'demo/ticket.json'].map(read)).toEqual(['before', 'before', 'before']);
  expect(existsSync(join(copy, 'dist/.compile-cache'))).toBe(false);
});
