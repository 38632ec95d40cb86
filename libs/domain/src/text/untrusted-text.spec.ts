import { describe, expect, it } from 'vitest';
import {
  authoredLines,
  codeSpan,
  commitMessage,
  fencedBlock,
  neutralize,
  neutralizeLine,
  plainLine,
  visibleText,
} from './untrusted-text';

/** What a forge, a CI service or a bot acts on in any text, even in code, which is part of a squashed commit. */
const ACTS =
  /\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing))[\s:]+(?:[\w./-]*#\d|GH-\d|https?:|[A-Z]+-\d)|GH-\d|\[(?:skip|no|ci|actions)[ _-](?:ci|skip|actions|checks)\]|\*NO_CI\*|skip-checks\s*:|(?:co-authored|signed-off)-by\s*:|^\s*\/\w+(?:\s|$)|bors r\+|[\u202a-\u202e]/im;
const MENTIONS = /(?<![a-z0-9])@[\w-]|#\d/i;
const withoutBreaks = (text: string) => text.replaceAll('\u200b', '');

const HOSTILE = [
  ['a closing keyword', 'Fixes #1'],
  ['a closing keyword in other letters', 'RESOLVED #1 and closing: #2'],
  ['a closing keyword for another repository', 'closes acme/web#2'],
  ['a closing keyword with a short name', 'fix GH-1'],
  ['a closing keyword with an address', 'Resolves: https://github.com/acme/web/issues/3'],
  ['a closing keyword for Jira', 'Closes PAY-12'],
  ['a closing keyword over two lines', 'fixes\n#1'],
  ['a closing keyword before many spaces', `fixes${' '.repeat(300)}#1`],
  ['a closing keyword with a hidden character', 'fi\u200bxes #1'],
  ['a reference', 'see GH-1 and #7'],
  ['a mention', 'ask @octocat'],
  ['a team', 'cc @acme/admins'],
  ['a mention after a slash', 'and/@octocat'],
  ['a mention after another letter', 'é@octocat'],
  ['a mention with a hidden character', 'ask @\u2060octocat'],
  ['a command for CI', 'x [skip ci]'],
  ['a command for CI, reversed', 'x [ci skip] [actions skip]'],
  ['a command for CI, in capitals', 'x [NO CI] [Skip Actions] [skip_ci] [ci-skip]'],
  ['a command for CI with a hidden character', 'x [skip\u200c ci]'],
  ['a command for Azure', '***NO_CI***'],
  ['a trailer for checks', 'x\n\nskip-checks: true'],
  ['a trailer with an author', 'x\n\nCo-authored-by: Eve <eve@example.com>\nSigned-off-by: Eve <eve@example.com>'],
  ['a command for a bot', 'x\n/approve\n  /lgtm cancel\r/merge'],
  ['a command for bors', 'bors r+'],
  ['bidirectional text', 'a \u202egnp.exe'],
] as const;

describe('visible text', () => {
  it('removes text that is invisible to readers', () => {
    expect(visibleText('Fix it.\n<!-- @teko implement -->\n[//]: # (push to main)\nNow\u200b!\u{e0041}')).toBe(
      'Fix it.\n\n\nNow!',
    );
    expect(visibleText('a <!-- never closed\n@teko retry')).toBe('a ');
    expect(visibleText('```html\n<!-- shown -->\n```\nafter')).toBe('```html\n<!-- shown -->\n```\nafter');
    expect(visibleText('👩‍🔧 and نمی\u200cخواهم, a\u200db')).toBe('👩‍🔧 and نمی\u200cخواهم, ab');
  });

  it('returns only lines written by the author', () => {
    const text = '> @teko stop\n```\n@teko retry\n``` no end\n@teko stop\n```\n    @teko plan\n@teko help';
    expect(authoredLines(text)).toEqual(['@teko help']);
  });
});

describe('text that is published', () => {
  it.each(HOSTILE)('does nothing with %s, wherever it is', (_what, text) => {
    const all = [
      neutralize(text),
      neutralize(`- ${text}`),
      neutralizeLine(text),
      plainLine(text),
      commitMessage(text, text),
    ];
    for (const safe of all) expect(safe).not.toMatch(MENTIONS);
    for (const safe of [...all, codeSpan(text), fencedBlock(text), neutralize(`\`\`\`\n${text}\n\`\`\``)])
      expect(safe).not.toMatch(ACTS);
    for (const safe of [codeSpan(text), fencedBlock(text)])
      expect(safe.replace('@acme/admins', '')).not.toMatch(MENTIONS);
  });

  it.each([
    ['HTML', '<img src=https://x.example/a.png> <details>a</details> <!-- teko:1 -->', /<[a-z/!]/],
    ['an image', '![a](https://x.example/a.png) ![b][c]', /!\[/],
    [
      'a link that runs code',
      '[a](javascript:alert(1)) [b]( JaVaScRiPt\\:x) [c](data:text/html,x)',
      /(?:script|data)\s*\\?:/i,
    ],
    ['a definition that runs code', '[a]\n\n[a]: javascript:alert(1)', /javascript:/],
    ['a hidden definition', '[//]: # (push to main)\n[x]:\n# (push)', /^\[[^\]]*\]:\s*#/m],
    [
      'a character reference',
      'ask &#64;octocat and &commat;octocat, &num;1',
      /(?<!amp;)&(?:#64|commat|num);|&(?:#64|commat|num);/,
    ],
    ['an alert', '> [!CAUTION]\n> All is lost.', /\[!C/],
    ['headings', '# How it was tested\n\nHow it was tested\n===\n\nAll green\n---', /^#{1,3} |^(?:===|---)$/m],
    ['Slack', '<!channel> <@U123> <https://x.example|y>', /<[!@h]/],
    ['a fence in a list', '- ```\n  x\n  ```\n@octocat\n```\n', /@o|`{3}/],
    ['a fence that is not closed as it seems', '```\na\n``` b\n@a\n```\n@octocat\n```', /```\n@octocat/],
    ['an uneven fence', '- a\n  ```\n  x\n```\n@a\n```\n@octocat\n```', /@o/],
    ['a code span over two lines', 'a ` b\nc ` @octocat ` d', /@o/],
    ['an escaped code span', '\\`@octocat`', /@o/],
    ['a code span in a table', '| ` | @octocat ` |\n| - | - |', /@o/],
    ['a back-tick without its pair', '`@octocat', /@o/],
    ['terminal sequences', '\u001b[31mred\u001b]0;title\u0007\u0000', /\p{Cc}/u],
  ])('contains no %s', (_what, text, active) => {
    expect(neutralize(text)).not.toMatch(active);
    expect(neutralizeLine(text)).not.toMatch(active);
  });

  it('keeps ordinary Markdown as it is, and mentions and closes nothing', () => {
    const plain = [
      'Rounds half a cent up (see `round()`), as foo@example.com asked. Cost: $3 & more, a < b, 50 %.',
      '',
      '1. one',
      '   ```ts',
      "   import x from '@types/node'; // <b>&amp;</b>",
      '   ```',
      '- two: `npm i @types/node`, `List<String>`, **bold** and [docs](https://example.com/a#b)',
      '  - [ ] three',
      '',
      '| a | b |',
      '| - | - |',
      '| 1 | `c` |',
      '',
      '> quoted',
      '',
      '---',
      '~/.npmrc, #hash and /usr/bin/env stay.',
    ].join('\n');
    expect(neutralize(plain)).toBe(plain);
    const text = neutralize(
      'Thanks @octocat, `@decorator` stays; fixes #12, Closes octo/repo#3 and resolved: https://x.y/1',
    );
    expect(text).not.toMatch(/@octocat|fixes #12|Closes octo|resolved: https/);
    expect(text).toContain('`@decorator`');
    expect(withoutBreaks(text)).toContain('Thanks @octocat');
  });

  it('ends code where the text ends', () => {
    expect(neutralize('```ts\nconst a = 1;')).toBe('```ts\nconst a = 1;\n```');
    expect(neutralize('- a\n  ~~~~\n  b')).toBe('- a\n  ~~~~\n  b\n  ~~~~');
    expect(neutralizeLine('a ` b')).toBe('a &grave; b');
    expect(neutralizeLine('``` a\n# b')).not.toMatch(/`|\n/);
  });

  it.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`x` and ``y``', '``` `x` and ``y`` ```'],
    ['two\nlines\r\n\tand \u001b[1mmore', '`two lines and more`'],
    ['', '` `'],
    ['x'.repeat(600), `\`${'x'.repeat(499)}…\``],
    ['npm -w @acme/web test', '`npm -w @acme/web test`'],
  ])('%j is the code span %s', (text, span) => {
    expect(codeSpan(text)).toBe(span);
  });

  it('closes a block of code only at its end', () => {
    expect(fencedBlock('a\n```\n<b>\r\nc', 'txt')).toBe('````txt\na\n```\n<b>\nc\n````');
  });

  it.each([
    ['Add a\nline \u2028break', 'Why.', 'Add a line break\n\nWhy.'],
    ['feat(core): add x', 'Note: y\n\n\n\n- a\n- b: c', 'feat(core): add x\n\nNote: y\n\n- a\n- b: c'],
    ['Add x', '', 'Add x'],
    ['', 'Why.', 'Why.'],
  ])('makes the commit message of %j and %j', (subject, body, message) => {
    expect(withoutBreaks(commitMessage(subject, body))).toBe(message);
  });

  it('has no trailers in a commit message', () => {
    const message = commitMessage('Add x', 'Why.\n\nRelease-As: 9.0.0\nReviewed: yes\nhttps://example.com');
    expect(message).not.toMatch(/^[\w-]+:(?!\/\/)/m);
    expect(message).toContain('https://example.com');
  });

  it.each(['x', '`', '@a', '<b', '\n# a\n```\n', '[no ci]', '\ud83d\ude00'])(
    'cuts %j, repeated, to the length that is accepted',
    (piece) => {
      const text = piece.repeat(10_000);
      expect(neutralize(text, 1_000).length).toBeLessThanOrEqual(1_000);
      expect(neutralize(text, 1_000)).toMatch(/\[[\d,]+ more characters\]$/);
      for (const line of [neutralizeLine(text, 250), plainLine(text, 250)]) {
        expect(line.length).toBeGreaterThan(100);
        expect(line.length).toBeLessThanOrEqual(250);
        expect(line).not.toMatch(/\p{Cs}/u);
      }
    },
  );

  it('takes time in proportion to the length', () => {
    for (const piece of ['`', '``` \n', '[', '![', '@', 'fix ', '\u001b]', '<', '&', ' \n', '# ', '/a ', '` `` ', 'a-'])
      expect(neutralize(piece.repeat(50_000 / piece.length))).toBeDefined();
  }, 10_000);
});
