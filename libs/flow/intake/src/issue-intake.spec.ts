import { expect, it } from 'vitest';
import { reportsBug } from './issue-intake.service';

it.each([
  ['bug', true],
  ['Bug', true],
  ['type:bug', true],
  ['Type: Bug', true],
  ['kind/bug', true],
  ['DEFECT', true],
  ['regression', true],
  ['🐛 bug', true],
  ['bug report', true],
  ['debug', false],
  ['not a bug', false],
  ['bugfix release', false],
  ['enhancement', false],
])('an issue with the label %j reports a bug: %s', (label, expected) => {
  expect(reportsBug({ labels: ['teko', label] })).toBe(expected);
});
