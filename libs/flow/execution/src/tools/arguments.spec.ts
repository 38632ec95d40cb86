import { expect, it } from 'vitest';
import { TOOLS } from '.';
import { parseArguments, toolName } from './arguments';

const parse = (name: string, args: unknown) => parseArguments(TOOLS.find((tool) => tool.name === name)!.input, args);
const report = { title: 'Fix it', summary: 'Done.' };
const criteria = [{ criterion: 'a', evidence: 'b' }];

it.each([
  ['read_file', { path: 'a', startLine: null, lines: null }, { path: 'a' }],
  ['read_file', { path: 'a', startLine: '1', lines: ' 20 ' }, { path: 'a', startLine: 1, lines: 20 }],
  ['find_text', { pattern: '41', path: null, ignoreCase: 'false' }, { pattern: '41', ignoreCase: false }],
  ['find_text', { pattern: 41, ignoreCase: null }, { pattern: '41', ignoreCase: false }],
  ['list_files', { path: null, depth: '3' }, { path: '.', depth: 3 }],
  ['finish', { ...report, notDone: null, criteria: null }, report],
  ['finish', { ...report, criteria: JSON.stringify(criteria) }, { ...report, criteria }],
  ['finish', { ...report, criteria: criteria[0] }, { ...report, criteria }],
  ['propose_plan', { plan: 'A plan of it.', files: 'src/a.ts' }, { plan: 'A plan of it.', files: ['src/a.ts'] }],
  ['write_file', { path: 'a', content: '{"a": null}' }, { path: 'a', content: '{"a": null}' }],
  ['write_file', { path: 'a', content: 'null' }, { path: 'a', content: 'null' }],
])('%s accepts %j', (name, args, expected) => {
  expect(parse(name, args)).toEqual({ success: true, data: expected });
});

it.each([
  ['read_file', { path: null }, 'path'],
  ['read_file', { path: 'a', startLine: 'one' }, 'startLine'],
  ['find_text', { pattern: 'a', ignoreCase: 'maybe' }, 'ignoreCase'],
  ['finish', { ...report, criteria: '[{"criterion":' }, 'criteria'],
])('%s names what is wrong with %j', (name, args, field) => {
  expect(parse(name, args).error?.issues[0]?.path[0]).toBe(field);
});

it.each([
  ['read_file', 'read_file'],
  ['functions.read_file', 'read_file'],
  ['read_file<|channel|>commentary', 'read_file'],
  [' read_file ', 'read_file'],
  ['read file', 'read_file'],
  ['', 'unknown'],
  ['日本', '_'],
  ['x'.repeat(80), 'x'.repeat(64)],
])('the tool %j is called %s', (name, expected) => {
  expect(toolName(name)).toBe(expected);
});
