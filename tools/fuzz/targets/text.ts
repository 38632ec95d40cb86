import {
  authoredLines,
  codeSpan,
  commitMessage,
  fencedBlock,
  neutralize,
  neutralizeLine,
  plainLine,
  visibleText,
} from '../../../libs/domain/src/text/untrusted-text';
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

/** What acts in any text, even in code. */
const ACTS =
  /\b(?:fixes|closes|resolves)\s+(?:[\w-]{1,50}\/[\w-]{1,100})?#\d|\b(?:resolves)\s+https?:\/\/|\bGH-\d|\[skip ci\]|^[ \t]*\/merge(?:\s|$)|\u202e/im;
/** What acts outside of code. */
const MENTIONS = /(?<![A-Za-z0-9])@[\w-]/;
const TITLE_LENGTH = 200;

/** Text of tickets and models: what is made of it does nothing, and takes time in proportion to its length. */
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
    const title = plainLine(source);
    const message = commitMessage(source, source);
    const plain = [title, message, neutralizeLine(source)];
    for (const safe of [...plain, neutralize(source), codeSpan(source), fencedBlock(source)])
      if (ACTS.test(safe)) throw new Error(`a text that acts: ${safe.slice(0, 200)}`);
    for (const safe of [title, message]) if (MENTIONS.test(safe)) throw new Error(`a mention: ${safe.slice(0, 200)}`);
    if (title.includes('\n') || title.length > TITLE_LENGTH) throw new Error('a title that is no short line');
  },
};
