import { expect, it } from 'vitest';
import { jsonDepth } from './json-depth';

it.each([
  ['1', 0],
  ['[]', 1],
  ['[[1],[2]]', 2],
  ['{"a":{"b":[1]}}', 3],
  ['"[[["', 0],
  ['["\\"[[",[1]]', 2],
  ['{"\\\\":[1]}', 2],
  ['['.repeat(90_000), 11],
  ['{"a":'.repeat(90_000), 11],
])('%.30s has the depth %i', (text, depth) => expect(jsonDepth(text, 10)).toBe(depth));
