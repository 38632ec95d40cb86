import { authoredLines, neutralize, visibleText } from '../../../libs/domain/src/text/untrusted-text';
import { mutate, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

const PIECES = [
  ...[
    '@octo/admins',
    '@ada',
    'fixes #1',
    'Closes octo/other#2',
    'resolves https://example.org/1',
    'GH-1',
    '[skip ci]',
    '/merge',
  ],
  ...[
    '<!--',
    '-->',
    '[//]: # (x)',
    '```',
    '~~~',
    '`',
    '    ',
    '> ',
    '\n',
    '\r\n',
    '\u200b',
    '\u202e',
    '![x](http://example.org)',
  ],
];

/** Text of tickets and models: what is made of it takes time in proportion to its length. */
export const text: FuzzTarget = {
  name: 'text',
  maxMs: 1_000,
  generate(random: Random) {
    const parts = random.list(60, () => (random.chance(0.6) ? random.pick(PIECES) : oddText(random, 10)));
    const whole = parts.join(random.pick(['', ' ', '\n']));
    const long = random.chance(0.05) ? random.pick(PIECES).repeat(random.size(20_000)) : whole;
    return mutate(Buffer.from(long), random).subarray(0, 200_000);
  },
  check(input) {
    const source = input.toString();
    for (const line of authoredLines(source)) if (line.includes('\n')) throw new Error('a line of two lines');
    visibleText(source);
    neutralize(source);
  },
};
