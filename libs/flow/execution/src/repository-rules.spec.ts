import type { GitMirrors } from '@teko/domain';
import { aRepository, aRun } from '@teko/testing';
import { describe, expect, it } from 'vitest';
import { RepositoryRules } from './repository-rules';

const run = aRun({ baseCommit: 'b'.repeat(40) });

function rulesOf(files: Record<string, string>) {
  const readFile = async (_id: string, commit: string, path: string) =>
    commit === run.baseCommit ? (files[path] ?? null) : 'not from the base';
  return new RepositoryRules({ readFile } as unknown as GitMirrors).of({ run, repository: aRepository() });
}

describe('RepositoryRules', () => {
  it('reads each text once, from the base commit', async () => {
    const files = { 'AGENTS.md': 'Use tabs.', 'CLAUDE.md': 'Use tabs.', '.teko.yml': 'test: make check\n' };
    expect(await rulesOf(files)).toEqual({
      setup: null,
      test: 'make check',
      texts: [{ path: 'AGENTS.md', text: 'Use tabs.' }],
    });
    expect(await rulesOf({})).toEqual({ setup: null, test: null, texts: [] });
    for (const source of ['', '# nothing', 'test:', 'test: ~'])
      expect(await rulesOf({ '.teko.yml': source })).toMatchObject({ test: null });
    expect(await rulesOf({ '.teko.yml': 'setup: &a make\ntest: *a\n' })).toMatchObject({ test: 'make' });
  });

  it.each([
    ['setup: make\ntest: [', /^\.teko\.yml is not valid YAML: Flow sequence .* at line 2$/],
    [`test: [${','.repeat(32_000)}`, '.teko.yml is not valid YAML'],
    ['test: *unknown', '.teko.yml is not valid YAML'],
    [
      `a: &a [x]\n${'bcdefgh'
        .split('')
        .map((name, n) => `${name}: &${name} [${`*${'abcdefg'[n]}, `.repeat(9)}]`)
        .join('\n')}`,
      'Unrecognized keys',
    ],
    // The parser needs minutes to convert it.
    ['? '.repeat(531), 'a key must be plain text'],
    [`test: ${'{'.repeat(600)}${': a}'.repeat(600)}`, 'test: Invalid input'],
    ['tests: make', 'Unrecognized key: "tests"'],
    ['test: 5', 'test: Invalid input'],
    ['test: [make]', 'test: Invalid input'],
    ['make', 'the file: Invalid input'],
    ['- make', 'the file: Invalid input'],
  ])('rejects %j with the validation error', async (source, message) => {
    await expect(rulesOf({ '.teko.yml': source })).rejects.toThrow(message);
  });
});
