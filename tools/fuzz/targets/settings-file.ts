import type { GitMirrors } from '@teko/domain';
import { RepositoryRules } from '../../../libs/flow/execution/src/repository-rules';
import { RunAborted } from '../../../libs/flow/execution/src/run-result';
import { mutate, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

function yaml(random: Random, depth = 0): string {
  const indent = '  '.repeat(depth);
  const lines = random.list(6, () => {
    const key = random.pick([
      'setup',
      'test',
      'instructions',
      '<<',
      '? x',
      '&a b',
      '!!js/function x',
      oddText(random, 6),
    ]);
    const value = random.pick([
      () => oddText(random),
      () => `"${oddText(random)}"`,
      () => `|\n${indent}  ${oddText(random)}`,
      () => '*a',
      () => '&a [1, 2]',
      () => '!!binary aGk=',
      () => `[${'['.repeat(random.size(5_000))}`,
      () => (depth < 3 ? `\n${yaml(random, depth + 1)}` : '~'),
    ])();
    return `${indent}${key}: ${value}`;
  });
  return lines.join('\n');
}

/** A few lines that expand to very many values. */
function aliasBomb(random: Random): string {
  const levels = 2 + random.below(30);
  const lines = Array.from(
    { length: levels },
    (_, n) =>
      `a${n}: &a${n} [${
        n === 0
          ? 'x'
          : Array(9)
              .fill(`*a${n - 1}`)
              .join(', ')
      }]`,
  );
  return `${lines.join('\n')}\ntest: *a${levels - 1}\n`;
}

/** The settings file of a repository: valid settings or the error that ends the run. */
export const settingsFile: FuzzTarget = {
  name: 'settings-file',
  maxMs: 2_000,
  generate: (random) =>
    mutate(Buffer.from(random.chance(0.05) ? aliasBomb(random) : yaml(random)), random).subarray(0, 32 * 1024),
  async check(input) {
    const mirrors: Partial<GitMirrors> = {
      readFile: async (_id, _commit, path) => (path === '.teko.yml' ? input.toString() : null),
    };
    const rules = new RepositoryRules(mirrors as GitMirrors);
    try {
      await rules.of({ run: { baseCommit: 'x' }, repository: { id: 'x' } } as Parameters<RepositoryRules['of']>[0]);
    } catch (error) {
      if (!(error instanceof RunAborted)) throw error;
    }
  },
};
