import { expect, it } from 'vitest';
import { preapprovedPathsError } from './preapproved-paths';

it.each([
  [['package-lock.json', '/docs/*.yml', 'charts/**', '!charts/prod/', '*.[jt]s', '**/fixtures/**/*.json'], null],
  [[''], '"" names no path'],
  [['ok', '   '], 'names no path'],
  [['/'], 'names no path'],
  [['!'], 'names no path'],
  [[' a'], 'starts or ends with a space'],
  [['# a'], 'is a comment'],
  [['a\nb'], 'control character'],
  [['a\\b'], 'backslash'],
  [['../a'], 'without . and ..'],
  [['./a'], 'without . and ..'],
  [['a*b*c*d*'], 'more than 3 times * in one name'],
  [['**/**/**/**/a'], 'more than 3 times **'],
  [['a'.repeat(201)], 'longer than 200 characters'],
  [Array.from({ length: 101 }, () => 'a'), 'at most 100 patterns'],
])('%j: %s', (patterns, error) => {
  const found = preapprovedPathsError(patterns);
  if (error === null) expect(found).toBeNull();
  else expect(found).toContain(error);
});
