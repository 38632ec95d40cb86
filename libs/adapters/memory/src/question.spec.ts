import { describe, expect, it } from 'vitest';
import { shareOf } from './file-kind';
import { questionOf } from './question';
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

describe('a question', () => {
  const question = questionOf(TICKET);
  const times = (word: string) => question.words.get(stem(word)) ?? 0;

  it('of a ticket counts the title most, and forms and versions not at all', () => {
    expect(times('cookies')).toBeGreaterThan(times('emptied'));
    expect(times('emptied')).toBe(1);
    for (const noise of ['prerequisites', 'searched', 'ubuntu', 'thanks', 'version', 'requests', 'acme_http'])
      expect(times(noise), noise).toBe(0);
  });

  it('keeps names and paths, of addresses and traces too', () => {
    expect(question.names).toContain('follow_redirect');
    expect(question.paths.map((path) => path.split('/').at(-1))).toEqual(['jar.py', 'session.py']);
  });

  it('is compared by what it says, without traces', () => {
    expect(question.text).toContain('The jar is emptied');
    expect(question.text).not.toMatch(/Traceback|site-packages|Ubuntu/);
    expect(questionOf('where is the jar').text).toBe('where is the jar');
  });

  it('looks for source, unless it is about tests or documentation', () => {
    const share = (path: string, text: string) => shareOf(path, questionOf(text));
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
      expect(share(path, 'the jar is empty'), path).toBeLessThan(share('lib/jar.py', 'the jar is empty'));
    expect(share('a_test.go', 'flaky test of the jar')).toBe(1);
    expect(share('README.md', 'typo in the docs')).toBe(1);
    expect(share('src/contest/latest.ts', 'the jar')).toBe(1);
  });
});
