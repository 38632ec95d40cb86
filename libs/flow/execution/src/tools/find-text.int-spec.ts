import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxSession } from '@teko/domain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findText } from './find-text.tool';
import type { ToolContext } from './tool';

const folder = mkdtempSync(join(tmpdir(), 'teko-find-text-'));
const run = (command: string) => execFileSync('bash', ['-c', command], { cwd: folder });

/** Runs commands on this host. */
const session = {
  exec: async ([command, ...args]: string[]) => {
    const { status, stdout } = spawnSync(command!, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
    return { code: status, head: '', tail: stdout, totalBytes: Buffer.byteLength(stdout) };
  },
} as unknown as SandboxSession;
const context = { session, signal: new AbortController().signal } as unknown as ToolContext;

beforeAll(() => {
  run(`git init -q . && printf 'one needle\\n' > top.txt && printf 'x\\0\\0y needle' > binary`);
  // A shell would take minutes, because it computes the whole path at each step.
  const nest =
    "for (let i = 0; i < 6000; i++) { fs.mkdirSync('d'); process.chdir('d'); } fs.writeFileSync('deep', 'needle')";
  execFileSync(process.execPath, ['-e', nest], { cwd: folder });
});
afterAll(() => run('rm -rf "$PWD"'));

it.each([
  [
    'needle',
    /^top\.txt:1:one needle\n\[Not everything could be searched: warning: could not open directory '[d/]{200,}\]$/,
  ],
  [
    'haystack',
    /^Nothing found\.\n\[Not everything could be searched: warning: could not open directory '[d/]{200,}\]$/,
  ],
  ['[', /^The search failed: fatal: [^/]*$/],
])('answers %s in a tree of 6,000 folders, whose paths are too long for git', async (pattern, answer) => {
  expect((await findText.run(findText.input.parse({ pattern }), context, 'tool:1:a')).content).toMatch(answer);
});
