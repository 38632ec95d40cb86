import type { RunnerReport, TestResults } from '@teko/domain';
import { jestCases } from './jest';
import { junitCases } from './junit';

/** A longer report is no report. */
export const MAX_REPORT_BYTES = 16 * 1024 * 1024;
const MAX_CASES = 50_000;
const MAX_NAME_CHARACTERS = 500;
const MAX_ALL_NAMES_CHARACTERS = 4_000_000;

export interface TestCase {
  name: string;
  status: keyof TestResults;
}

/**
 * Returns the results of a report that the sandbox wrote. Returns null if the text is not a complete report or exceeds a bound. Never
 * throws. `root` is the folder of the workspace in the sandbox; names contain paths below it as relative.
 */
export function parseReport(format: RunnerReport['format'], report: Buffer, root: string): TestResults | null {
  if (report.length > MAX_REPORT_BYTES) return null;
  const results: TestResults = { passed: [], failed: [], skipped: [] };
  let count = 0;
  let characters = 0;
  try {
    const text = report.toString('utf8');
    for (const { name, status } of format === 'jest' ? jestCases(text) : junitCases(text)) {
      const stable = stableName(name.slice(0, 4 * MAX_NAME_CHARACTERS), root).slice(0, MAX_NAME_CHARACTERS);
      characters += stable.length;
      if (++count > MAX_CASES || characters > MAX_ALL_NAMES_CHARACTERS) return null;
      results[status].push(stable);
    }
  } catch {
    return null;
  }
  return results;
}

/** Replaces what differs between two executions of the same test: addresses, temporary paths, ids, times and random numbers. */
export function stableName(name: string, root: string): string {
  return name
    .replaceAll(`${root}/`, '')
    .replace(/\b0x[\da-f]{4,}\b/gi, '0x…')
    .replace(/(\/private)?(\/var)?\/tmp\/[^\s'"›,;:)\]}]*/g, '/tmp/…')
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '…')
    .replace(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?/g, '…')
    .replace(/\b1[5-9]\d{8}(\d{3})?\b/g, '…')
    .replace(/\b\d+\.\d{9,}(e-?\d+)?\b/g, '…')
    .replace(/[\0-\x1f\x7f]+/g, ' ')
    .trim();
}
