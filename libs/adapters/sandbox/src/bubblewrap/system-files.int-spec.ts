import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemFiles } from './system-files';

const filesIn = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

it('copies files of /etc without those that are secret, once', async () => {
  const folder = await systemFiles();
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  expect(filesIn(folder)).toContain('passwd');
  expect(filesIn(folder).filter((name) => /shadow|private|\.key$|ssh/.test(name))).toEqual([]);
  expect(await systemFiles()).toBe(folder);
});

it.each<[string, (folder: string) => void]>([
  ['one old file', (folder) => rmSync(join(folder, 'passwd'))],
  ['everything', (folder) => rmSync(folder, { recursive: true })],
])('makes a complete copy if a cleaner of temporary folders deleted %s', async (_name, clean) => {
  const before = await systemFiles();
  const files = filesIn(before);
  clean(before);
  const [copy, same] = await Promise.all([systemFiles(), systemFiles()]);
  expect(copy).not.toBe(before);
  expect(same).toBe(copy);
  expect(filesIn(copy)).toEqual(files);
});

it('says why files cannot be copied, and copies them as soon as they can be', async () => {
  const { TMPDIR } = process.env;
  rmSync(await systemFiles(), { recursive: true });
  process.env.TMPDIR = '/no/such/folder';
  try {
    await expect(systemFiles()).rejects.toThrow(/ENOENT.*\/no\/such\/folder/);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  expect(existsSync(await systemFiles())).toBe(true);
});
