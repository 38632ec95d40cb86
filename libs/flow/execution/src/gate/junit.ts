import type { TestExecution } from '@teko/domain';
import { XMLParser } from 'fast-xml-parser';

interface Node {
  [key: string]: unknown;
  testsuites?: Node[];
  testsuite?: Node[];
  testcase?: Node[];
}

const LISTS = ['testsuites', 'testsuite', 'testcase', 'failure', 'error', 'skipped'];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  isArray: (name) => LISTS.includes(name),
  processEntities: { maxTotalExpansions: 100_000 },
});

/** Parses a JUnit report. Returns null if the text is not a report. */
export function parseJunit(xml: string): TestExecution['tests'] {
  if (!/<testsuites?[\s>]/.test(xml)) return null;
  try {
    const cases = casesOf(parser.parse(xml) as Node, []);
    const failed = cases.filter(({ node }) => node.failure || node.error);
    const skipped = cases.filter(({ node }) => !node.failure && !node.error && node.skipped);
    return {
      failed: failed.map(({ name }) => name),
      skipped: skipped.length,
      total: cases.length,
      passed: cases.length - failed.length - skipped.length,
    };
  } catch {
    return null;
  }
}

function casesOf(node: Node, path: string[]): { name: string; node: Node }[] {
  const own = (node.testcase ?? []).map((test) => ({ name: nameOf(test, path), node: test }));
  const nested = [...(node.testsuites ?? []), ...(node.testsuite ?? [])].flatMap((suite) =>
    casesOf(suite, [...path, text(suite['@name'])]),
  );
  return [...own, ...nested];
}

/** Prefers the class name, because the name of a suite is often an absolute path. */
function nameOf(test: Node, path: string[]): string {
  const suites = path.filter((name) => name && !name.startsWith('/'));
  // Node's test runner reports the class "test" for every test.
  const className = text(test['@classname']);
  const group = className && className !== 'test' ? [className] : suites;
  return [...group, text(test['@name'])].join(' › ');
}

function text(value: unknown): string {
  return value === undefined ? '' : String(value as string);
}
