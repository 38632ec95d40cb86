import { describe, expect, it } from 'vitest';
import { parseCommand } from './commands';

const names = ['teko', 'teko-dev'];

describe('commands in comments', () => {
  it.each([
    ['@teko implement base=release/2 priority=high', { name: 'implement', base: 'release/2', priority: 'high' }],
    ['Hello\n@Teko-Dev: PLAN it well', { name: 'plan', text: 'it well' }],
    [
      '@teko please fix the parser\nIt breaks on tabs.',
      { name: null, text: 'please fix the parser\nIt breaks on tabs.' },
    ],
    ['@teko approve.', { name: 'approve' }],
    ['@teko implement colour=red', { name: 'implement', unknownOptions: ['colour=red'] }],
    ['@teko', { name: null, text: '' }],
  ])('parses %j', (body, expected) => {
    expect(parseCommand(body, names)).toMatchObject(expected);
  });

  it.each([
    'I asked @teko to implement it',
    '> @teko implement',
    '```\n@teko implement\n```',
    '<!-- @teko implement -->',
    '@tekoimplement',
    '@teko-other implement',
    'mail@teko implement',
  ])('finds no command in %j', (body) => {
    expect(parseCommand(body, names)).toBeNull();
  });
});
