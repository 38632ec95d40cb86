import { describe, expect, it } from 'vitest';
import { MAX_REPORT_BYTES, parseReport, stableName } from './test-report';

const parsed = (text: string, format: 'junit' | 'jest' = 'junit') =>
  parseReport(format, Buffer.from(text), '/workspace');
const parse = (text: string, format?: 'junit' | 'jest') => parsed(text, format).results;
const suite = (cases: string) => `<testsuites><testsuite name="s">${cases}</testsuite></testsuites>`;
const none = { passed: [], failed: [], skipped: [] };

describe('parseReport', () => {
  it.each([
    [
      'node:test',
      '<?xml version="1.0"?><testsuites><testcase name="days" classname="test"/><testsuite name="s"><testcase name="weeks" classname="test"><failure type="x">m</failure></testcase></testsuite><!-- tests 2 --></testsuites>',
      { ...none, passed: ['days'], failed: ['s › weeks'] },
    ],
    [
      'pytest',
      '<testsuites><testsuite name="pytest"><testcase classname="tests.test_a" name="test_x"><error>e</error></testcase><testcase classname="tests.test_a" name="test_y"><skipped/></testcase></testsuite></testsuites>',
      { ...none, failed: ['tests.test_a › test_x'], skipped: ['tests.test_a › test_y'] },
    ],
    [
      'PHPUnit',
      '<testsuites><testsuite name="/workspace/tests"><testsuite name="ATest"><testcase name="testA" classname="ATest"/></testsuite></testsuite></testsuites>',
      { ...none, passed: ['ATest › testA'] },
    ],
    [
      'mocha',
      '<testsuite name="Mocha Tests"><testcase classname="a b" name="c&lt;d&#x3e;" time="0"><system-out><failure/></system-out></testcase></testsuite>',
      { ...none, passed: ['a b › c<d>'] },
    ],
    [
      'a failing test that is marked as to do',
      suite('<testcase name="a"><skipped type="todo"/><failure/></testcase>'),
      { ...none, skipped: ['s › a'] },
    ],
    ['an empty run', '<testsuites/>', none],
    [
      'tags in text',
      suite('<testcase name="a"><system-out><![CDATA[</testcase><failure>]]></system-out></testcase>'),
      { ...none, passed: ['s › a'] },
    ],
    ['a greater-than sign in a name', suite('<testcase name="a > b"/>'), { ...none, passed: ['s › a > b'] }],
  ])('reads a report of %s', (_runner, xml, results) => {
    expect(parse(xml)).toEqual(results);
  });

  it('reads a report of Jest, with files that cannot be loaded', () => {
    const test = (title: string, status: string) => ({ ancestorTitles: ['s'], title, status });
    const testResults = [
      {
        name: '/workspace/a.test.js',
        status: 'failed',
        assertionResults: [test('x', 'passed'), test('y', 'failed'), test('z', 'pending')],
      },
      { name: '/workspace/b.test.js', status: 'failed', assertionResults: [] },
    ];
    expect(parse(JSON.stringify({ testResults }), 'jest')).toEqual({
      passed: ['a.test.js › s › x'],
      failed: ['a.test.js › s › y', 'b.test.js'],
      skipped: ['a.test.js › s › z'],
    });
  });

  it.each([
    ['text', 'ok 1'],
    ['nothing', ''],
    ['another document', '<html><body/></html>'],
    ['a truncated report', '<testsuites><testsuite name="s"><testcase name="a"/>'],
    ['a truncated tag', '<testsuites><testsuite><'],
    ['tags that do not match', '<testsuites><testcase name="a"></testsuite></testsuites>'],
    [
      'a document type',
      '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuites><testcase name="&e;"/></testsuites>',
    ],
    ['too many levels', `${'<testsuite>'.repeat(20_000)}${'</testsuite>'.repeat(20_000)}`],
    ['too many cases', suite('<testcase name="a"/>'.repeat(50_001))],
    ['too many characters in names', suite(`<testcase name="${'x'.repeat(499)}"/>`.repeat(9_000))],
    ['too many bytes', suite(' '.repeat(MAX_REPORT_BYTES))],
    ['an unclosed comment', `<testsuites><!--${'-'.repeat(100_000)}`],
  ])('%s is no report', (_what, text) => {
    expect(parse(text)).toBeNull();
    expect(parse(text, 'jest')).toBeNull();
  });

  it.each<[string, string, RegExp | null]>([
    ['too many tests', suite('<testcase name="a"/>'.repeat(50_001)), /has more than 50,000 tests.*runs fewer tests/],
    [
      'long names',
      suite(`<testcase name="${'x'.repeat(499)}"/>`.repeat(9_000)),
      /more than 4,000,000 characters in names/,
    ],
    ['too many bytes', suite(' '.repeat(MAX_REPORT_BYTES)), /larger than 16 MB/],
    ['as many tests as accepted', suite('<testcase name="a"/>'.repeat(50_000)), null],
    ['no report', 'ok 1', null],
  ])('names the bound that a report exceeds: %s', (_what, text, exceeded) => {
    expect(parsed(text).exceeded).toEqual(exceeded && expect.stringMatching(exceeded));
  });

  it('is no report of Jest if it is nested deeply', () => {
    expect(parse(`${'['.repeat(500_000)}${']'.repeat(500_000)}`, 'jest')).toBeNull();
  });

  it('leaves unknown entities and impossible characters as they are', () => {
    expect(parse(suite('<testcase name="&a40; &#x110000; &#0;x"/>'))?.passed).toEqual(['s › &a40; &#x110000;  x']);
  });
});

it.each([
  ['<Foo object at 0x7f3a2b>', '<Foo object at 0x…>'],
  ['/workspace/tests/a.js › x', 'tests/a.js › x'],
  ['reads /tmp/abc-123/x.txt', 'reads /tmp/…'],
  ['user 0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11', 'user …'],
  ['at 2026-11-28T11:00:00.123Z', 'at …'],
  ['0.4436584525506767 is a number', '… is a number'],
  ['line\nbreak', 'line break'],
  ['adds 1 and 2', 'adds 1 and 2'],
])('the stable form of %j is %j', (name, stable) => {
  expect(stableName(name, '/workspace')).toBe(stable);
});
