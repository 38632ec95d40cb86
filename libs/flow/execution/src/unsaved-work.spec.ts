import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepWorkspace, sweepKeptWorkspaces } from './unsaved-work';

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'teko-unsaved-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const sandbox = { removeFolder: async (folder: string) => rmSync(folder, { recursive: true, force: true }) };
const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000);

it('keeps a workspace, and nothing if there is none', async () => {
  mkdirSync(join(home, 'workspaces/r1/agent'), { recursive: true });
  writeFileSync(join(home, 'workspaces/r1/agent/answer.txt'), '42\n');
  await keepWorkspace(home, 'r1');
  expect(readFileSync(join(home, 'unsaved/r1/answer.txt'), 'utf8')).toBe('42\n');
  expect(existsSync(join(home, 'workspaces/r1/agent'))).toBe(false);
  await keepWorkspace(home, 'r2');
  expect(readdirSync(join(home, 'unsaved'))).toEqual(['r1']);
});

it('deletes old workspaces, and all but the newest ten', async () => {
  await sweepKeptWorkspaces(home, new Date(), sandbox);
  for (let i = 0; i < 12; i++) mkdirSync(join(home, `unsaved/r${i}`), { recursive: true });
  await sweepKeptWorkspaces(home, inDays(29), sandbox);
  expect(readdirSync(join(home, 'unsaved'))).toHaveLength(10);
  await sweepKeptWorkspaces(home, inDays(31), sandbox);
  expect(readdirSync(join(home, 'unsaved'))).toEqual([]);
});
