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

/** Reads a JUnit report: which tests passed, failed and were skipped. Null when it is no report. */
export function readJunit(xml: string): TestExecution['tests'] {
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
  const below = [...(node.testsuites ?? []), ...(node.testsuite ?? [])].flatMap((suite) =>
    casesOf(suite, [...path, text(suite['@name'])]),
  );
  return [...own, ...below];
}

/** A suite's name often is a path of the machine; the class says as much and stays the same. */
function nameOf(test: Node, path: string[]): string {
  const suites = path.filter((name) => name && !name.startsWith('/'));
  // Node's runner says "test" for every class.
  const own = text(test['@classname']);
  const group = own && own !== 'test' ? [own] : suites;
  return [...group, text(test['@name'])].join(' › ');
}

function text(value: unknown): string {
  return value === undefined ? '' : String(value as string);
}
