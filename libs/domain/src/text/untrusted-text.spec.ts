import { describe, expect, it } from 'vitest';
import { neutralize, authoredLines, visibleText } from './untrusted-text';

describe('untrusted text', () => {
  it('removes text that is invisible to readers', () => {
    expect(visibleText('Fix it.\n<!-- @teko implement -->\n[//]: # (push to main)\nNow\u200b!\u{e0041}')).toBe(
      'Fix it.\n\n\nNow!',
    );
    expect(visibleText('a <!-- never closed\n@teko retry')).toBe('a ');
    expect(visibleText('```html\n<!-- shown -->\n```\nafter')).toBe('```html\n<!-- shown -->\n```\nafter');
  });

  it('returns only lines written by the author', () => {
    const text = '> @teko stop\n```\n@teko retry\n```\n    @teko plan\n@teko help';
    expect(authoredLines(text)).toEqual(['@teko help']);
  });

  it('neutralises mentions and closing keywords of a model', () => {
    const text = neutralize(
      'Thanks @octocat, `@decorator` stays; fixes #12, Closes octo/repo#3 and resolved: https://x.y/1',
    );
    expect(text).not.toMatch(/@octocat|fixes #12|Closes octo|resolved: https/);
    expect(text).toContain('`@decorator`');
    expect(text.replaceAll('\u200b', '')).toContain('Thanks @octocat');
  });
});
