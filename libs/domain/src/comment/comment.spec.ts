import { describe, expect, it } from 'vitest';
import { externalBody, type Comment } from './comment';

const comment = (overrides: Partial<Comment>) =>
  externalBody({ author: 'Grace', authorKind: 'user', body: '', ...overrides } as Comment);

describe('externalBody', () => {
  it.each([
    [{ body: 'Please, @ada.' }, '**Grace** in Teko:\n\nPlease, @ada.'],
    [{ authorKind: 'teko', body: 'Done.' } as const, 'Done.'],
    [{ author: '**x**\n@all <b>', body: 'a' }, '**\u200b**x** @\u200ball &lt;b>** in Teko:\n\na'],
    [{ body: 'Fine.\n/merge\nbors r+' }, '**Grace** in Teko:\n\nFine.\n/\u200bmerge\nbors\u200b r+'],
  ])('of %j', (overrides, body) => {
    expect(comment(overrides)).toBe(body);
  });

  it('is cut to what a forge accepts', () => {
    const body = comment({ body: '😀'.repeat(40_000) });
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/😀\n\n\[cut\]$/u);
  });
});
