import type { TestExecution } from '@teko/domain';
import { expect, it } from 'vitest';
import { failsMore } from './failing-tests';
import type { Tested } from './judge';

/** An execution with passed tests, and failed ones as `!a`; null without a report. */
function ran(exitCode: number, tests: string | null): Tested {
  const all = tests?.split(' ') ?? [];
  const [passed, failed] = [all.filter((name) => !name.startsWith('!')), all.filter((name) => name.startsWith('!'))];
  const results = tests === null ? null : { passed, failed, skipped: [] };
  return { execution: { exitCode } as TestExecution, results, exceeded: null };
}

it.each<[string, Tested, Tested, boolean]>([
  ['nothing failed, and something fails', ran(0, 'a'), ran(1, 'a'), true],
  ['nothing failed, and nothing fails', ran(0, 'a'), ran(0, 'a'), false],
  ['the same fails', ran(1, 'a !b'), ran(1, 'a !b'), false],
  ['the same fails, and another test', ran(1, 'a !b'), ran(1, '!a !b'), true],
  ['the same fails, and a new test', ran(1, 'a !b'), ran(1, 'a !b !c'), true],
  ['the same fails, and a test is missing', ran(1, 'a !b'), ran(1, '!b'), true],
  ['the same fails, and nothing is reported', ran(1, 'a !b'), ran(1, null), true],
  ['the command succeeds now', ran(1, 'a !b'), ran(0, '!a !b'), false],
  ['it failed and fails, without reports', ran(1, null), ran(1, null), false],
  ['it fails without reports', ran(0, null), ran(1, null), true],
])('whether more fails: %s', (_what, before, after, expected) => {
  expect(failsMore(before, after)).toBe(expected);
});
