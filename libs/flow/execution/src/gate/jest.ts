import { z } from 'zod';
import type { TestCase } from './test-report';

const JestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(
        z.object({ ancestorTitles: z.array(z.string()).max(100), title: z.string(), status: z.string() }),
      ),
    }),
  ),
});

const STATUSES: Record<string, TestCase['status']> = { passed: 'passed', failed: 'failed' };

/** Yields the test cases of the JSON report of Jest. A file that cannot be loaded is one failed case. Throws if the text is no report. */
export function* jestCases(json: string): Generator<TestCase> {
  for (const { name, status, assertionResults } of JestReport.parse(JSON.parse(json)).testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) yield { name, status };
    for (const test of assertionResults)
      yield {
        name: [name, ...test.ancestorTitles, test.title].join(' › '),
        status: STATUSES[test.status] ?? 'skipped',
      };
  }
}
