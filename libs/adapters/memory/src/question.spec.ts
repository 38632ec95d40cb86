import { describe, expect, it } from 'vitest';
import { kindWeight } from './file-kind';
import { parseQuestion } from './question';
import { stem } from './syntax/words';

const TICKET = `Cookies are lost after a redirect
<!-- Thanks for reporting! Please search first. -->
### Prerequisites
- [x] I searched the existing issues
**Version**: v18.16.0
- OS: Ubuntu 22.04

The jar is emptied by \`follow_redirect()\` once, see https://github.com/acme/http/blob/main/lib/http/jar.py#L3.

\`\`\`
Traceback (most recent call last):
  File "/usr/lib/python3/site-packages/acme/session.py", line 12, in send
\`\`\`
requests==2.31.0
`;

describe('parseQuestion', () => {
  const question = parseQuestion(TICKET);
  const times = (word: string) => question.words.get(stem(word)) ?? 0;

  it('weights the title of a ticket highest, and ignores forms and versions', () => {
    expect(times('cookies')).toBeGreaterThan(times('emptied'));
    expect(times('emptied')).toBe(1);
    for (const noise of ['prerequisites', 'searched', 'ubuntu', 'thanks', 'version', 'requests', 'acme_http'])
      expect(times(noise), noise).toBe(0);
  });

  it('extracts names and paths, including those in URLs and stack traces', () => {
    expect(question.names).toContain('follow_redirect');
    expect(question.paths.map((path) => path.split('/').at(-1))).toEqual(['jar.py', 'session.py']);
  });

  it('embeds the prose without stack traces', () => {
    expect(question.text).toContain('The jar is emptied');
    expect(question.text).not.toMatch(/Traceback|site-packages|Ubuntu/);
    expect(parseQuestion('where is the jar').text).toBe('where is the jar');
  });

  it('prefers source files unless the question is about tests or documentation', () => {
    const weight = (path: string, text: string) => kindWeight(path, parseQuestion(text));
    for (const path of [
      'lib/test/jar.py',
      'a_test.go',
      'src/a.spec.ts',
      'tests/JarTest.php',
      'README.md',
      'docs/a.rst',
      'src/Jar.stories.tsx',
      '_examples/jar.go',
    ])
      expect(weight(path, 'the jar is empty'), path).toBeLessThan(weight('lib/jar.py', 'the jar is empty'));
    expect(weight('a_test.go', 'flaky test of the jar')).toBe(1);
    expect(weight('README.md', 'typo in the docs')).toBe(1);
    expect(weight('src/contest/latest.ts', 'the jar')).toBe(1);
  });
});
