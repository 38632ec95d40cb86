import type { TestCase } from './test-report';
import { xmlTags, type XmlTag } from './xml-tags';

/** Yields the test cases of a JUnit report. Throws SyntaxError if the text is not a complete report. */
export function* junitCases(xml: string): Generator<TestCase> {
  const suites: string[] = [];
  let current: { name: string; depth: number; marks: Set<string> } | null = null;
  let depth = 0;
  let isReport = false;
  for (const tag of xmlTags(xml)) {
    if (!isReport && !/^testsuites?$/.test(tag.name)) throw new SyntaxError('not a JUnit report');
    isReport = true;
    if (tag.kind !== 'close') {
      if (current && depth === current.depth + 1) current.marks.add(tag.name);
      if (!current && tag.name === 'testsuite' && tag.kind === 'open') suites.push(text(tag, 'name'));
      if (!current && tag.name === 'testcase') {
        current = { name: nameOf(tag, suites), depth, marks: new Set() };
        if (tag.kind === 'empty') {
          yield { name: current.name, status: 'passed' };
          current = null;
        }
      }
      if (tag.kind === 'open') depth++;
      continue;
    }
    depth--;
    if (current && depth === current.depth) {
      yield { name: current.name, status: statusOf(current.marks) };
      current = null;
    } else if (!current && tag.name === 'testsuite') suites.pop();
  }
  if (!isReport) throw new SyntaxError('no tags');
}

/** A test that is skipped, or expected to fail ("todo"), does not count as failed; nor does it count as passed. */
function statusOf(marks: Set<string>): TestCase['status'] {
  if (marks.has('skipped')) return 'skipped';
  return marks.has('failure') || marks.has('error') ? 'failed' : 'passed';
}

/** Prefers the class name, because the name of a suite is often an absolute path. */
function nameOf(tag: XmlTag, suites: string[]): string {
  // Node's test runner reports the class "test" for every test.
  const className = text(tag, 'classname');
  const group =
    className && className !== 'test' ? [className] : suites.filter((name) => name && !name.startsWith('/'));
  return [...group, text(tag, 'name')].filter(Boolean).join(' › ');
}

function text({ attributes }: XmlTag, name: string): string {
  return attributes.get(name) ?? '';
}
