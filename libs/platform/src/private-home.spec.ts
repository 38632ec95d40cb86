import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tightenHome } from './private-home';

function folderWith(files: Record<string, number>): string {
  const folder = mkdtempSync(join(tmpdir(), 'teko-private-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, mode] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (name.endsWith('/')) mkdirSync(path);
    else if (name !== '.') writeFileSync(path, 'content');
    chmodSync(path, mode);
  }
  return folder;
}
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

it.each([
  ['.', 0o755, '700'],
  ['teko.db', 0o644, '600'],
  ['teko.db-wal', 0o664, '600'],
  ['secret', 0o640, '600'],
  ['memory/index.db', 0o666, '600'],
  ['chroma/chroma.sqlite3', 0o644, '600'],
  ['repositories/r1.git/', 0o755, '700'],
  ['workspaces/', 0o777, '700'],
  ['tool', 0o755, '700'],
  ['own', 0o400, '400'],
])('%s with mode %o gets mode %s', async (name, mode, expected) => {
  const home = folderWith({ [name]: mode });
  expect(await tightenHome(home)).toBe(true);
  expect([modeOf(join(home, name)), modeOf(home)]).toEqual([expected, '700']);
});

it('leaves the targets of links and the files of workspaces as they are', async () => {
  const other = folderWith({ file: 0o644 });
  chmodSync(other, 0o755);
  const home = folderWith({ 'workspaces/run/script.sh': 0o755 });
  symlinkSync(join(other, 'file'), join(home, 'file'));
  symlinkSync(other, join(home, 'memory'));
  await tightenHome(home);
  expect([modeOf(other), modeOf(join(other, 'file'))]).toEqual(['755', '644']);
  expect(modeOf(join(home, 'workspaces/run/script.sh'))).toBe('755');
});

it('refuses folders that programs share', async () => {
  const shared = folderWith({});
  chmodSync(shared, 0o1777);
  await expect(tightenHome(shared)).rejects.toThrow(/^TEKO_HOME: .* set TEKO_HOME to a folder of its own/);
  expect(modeOf(shared)).toBe('1777');
  await expect(tightenHome('/')).rejects.toThrow(/^TEKO_HOME: /);
});

it.each<[string, Record<string, number>, boolean]>([
  ['an empty folder', {}, true],
  ['a new volume', { 'lost+found/': 0o700 }, true],
  ['the open data folder of an earlier release', { 'teko.db': 0o644, 'notes.txt': 0o644 }, true],
  ['a folder of the system, such as /etc', { passwd: 0o644, 'ssl/': 0o755 }, false],
  ["a person's folder with documents", { 'notes.txt': 0o644 }, false],
])('an open folder is taken only if it has nothing to lose: %s', async (_name, files, isTaken) => {
  const home = folderWith(files);
  chmodSync(home, 0o755);
  const tightened = tightenHome(home);
  if (isTaken) expect(await tightened).toBe(true);
  else await expect(tightened).rejects.toThrow(/^TEKO_HOME: .* a new or empty folder/);
  expect(modeOf(home)).toBe(isTaken ? '700' : '755');
  for (const [name, mode] of Object.entries(isTaken ? {} : files))
    expect(modeOf(join(home, name))).toBe(mode.toString(8));
});
