import { sensitiveFiles } from '../../../libs/domain/src/change/sensitive-files';
import { oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

const PARTS = [
  ...[
    '.github',
    'workflows',
    'package.json',
    'AGENTS.md',
    '.teko.yml',
    'src',
    'test',
    'Makefile',
    '-lock.',
    '~1',
    '.conf',
    '_',
  ],
  ...['.', ' ', ':', '\\', '\u200b', '\u202e', '\u0130', '\uff0e', 'ẞ', '\u0301', '.md', '.js', '.spec'],
];

function path(random: Random): string {
  const names = random.list(8, () =>
    random.chance(0.05)
      ? random.pick(PARTS).repeat(random.size(2_000))
      : random.list(4, () => (random.chance(0.7) ? random.pick(PARTS) : oddText(random, 8))).join(''),
  );
  return names.join('/').replace(/\0/g, '').slice(0, 4_096) || 'x';
}

/** Names of files that a change contains: each is judged, in time. */
export const paths: FuzzTarget = {
  name: 'paths',
  maxMs: 2_000,
  generate: (random) => Buffer.from(random.list(60, () => path(random)).join('\0')),
  check(input) {
    const files = input
      .toString()
      .split('\0')
      .map((one) => ({ path: one, oldMode: null, mode: '100644' }));
    const strict = sensitiveFiles(files, { rule: 'risky' });
    for (const { path: found, reason } of strict)
      if (!reason) throw new Error(`no reason for ${JSON.stringify(found)}`);
    // What waits under the mildest rule also waits under the others.
    const mild = sensitiveFiles(files, { rule: 'never' });
    const all = new Set(strict.map((file) => file.path));
    for (const file of mild) if (!all.has(file.path)) throw new Error(`only sensitive where nothing is: ${file.path}`);
  },
};
