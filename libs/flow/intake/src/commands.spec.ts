import { describe, expect, it } from 'vitest';
import { commandIn } from './commands';

const names = ['teko', 'teko-dev'];

describe('commands in comments', () => {
  it.each([
    ['@teko implement base=release/2 priority=high', { name: 'implement', base: 'release/2', priority: 'high' }],
    ['Hello\n@Teko-Dev: PLAN it well', { name: 'plan', text: 'it well' }],
    [
      '@teko please mend the parser\nIt breaks on tabs.',
      { name: null, text: 'please mend the parser\nIt breaks on tabs.' },
    ],
    ['@teko approve.', { name: 'approve' }],
    ['@teko implement colour=red', { name: 'implement', faults: ['colour=red'] }],
    ['@teko', { name: null, text: '' }],
  ])('%j', (body, expected) => {
    expect(commandIn(body, names)).toMatchObject(expected);
  });

  it.each([
    'I asked @teko to implement it',
    '> @teko implement',
    '```\n@teko implement\n```',
    '<!-- @teko implement -->',
    '@tekoimplement',
    '@teko-other implement',
    'mail@teko implement',
  ])('hears nothing in %j', (body) => {
    expect(commandIn(body, names)).toBeNull();
  });
});
