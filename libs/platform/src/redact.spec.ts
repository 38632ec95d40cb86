import { describe, expect, it } from 'vitest';
import { redactor } from './redact';

describe('redactor', () => {
  const secret = 'pa/ss word-42';
  const redact = redactor([secret, undefined, 'abc']);

  it.each([
    ['plain', secret],
    ['base64', Buffer.from(secret).toString('base64')],
    ['hex', Buffer.from(secret).toString('hex')],
    ['URL-encoded', encodeURIComponent(secret)],
    ['GitHub token', 'ghp_0123456789abcdef0123456789'],
    ['cloud access key', 'AKIAA1B2C3D4E5F6G7H8'],
  ])('hides a secret in %s form', (_form, text) => {
    expect(redact(`before ${text} after`)).toBe('before [redacted] after');
  });

  it.each(['', 'u:', 'ab:', 'me@example.com:'])('hides a base64-encoded secret after "%s"', (before) => {
    const encoded = Buffer.from(`${before}${secret}, and more`).toString('base64');
    const [left, right] = redact(encoded).split('[redacted]');
    expect(Buffer.from(left!, 'base64').toString()).toBe(before.slice(0, Math.floor((left!.length * 6) / 8)));
    expect(right!.length).toBeLessThan(', and more'.length * 2);
  });

  it('keeps other text, and ignores secrets that are too short', () => {
    expect(redact('abc is fine')).toBe('abc is fine');
  });
});
