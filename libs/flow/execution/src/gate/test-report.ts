import type { RunnerReport, TestResults } from '@teko/domain';
import { jestCases } from './jest';
import { junitCases } from './junit';

/** A longer report is not read. */
export const MAX_REPORT_BYTES = 16 * 1024 * 1024;
const MAX_CASES = 50_000;
const MAX_NAME_CHARACTERS = 500;
const MAX_ALL_NAMES_CHARACTERS = 4_000_000;

/** What a report says, or which bound it exceeds. */
export interface ParsedReport {
  /** Null if the report is incomplete, or exceeds a bound. */
  results: TestResults | null;
  /** One or two sentences, or null. */
  exceeded: string | null;
}

export interface TestCase {
  name: string;
  status: keyof TestResults;
}

/**
 * Returns the results of a report that the sandbox wrote, which are null if the text is not a complete report or exceeds a bound. Never
 * throws. `root` is the folder of the workspace in the sandbox; names contain paths below it as relative.
 */
export function parseReport(format: RunnerReport['format'], report: Buffer, root: string): ParsedReport {
  if (report.length > MAX_REPORT_BYTES) return tooLarge(`is larger than ${MAX_REPORT_BYTES / 1024 / 1024} MB`);
  const results: TestResults = { passed: [], failed: [], skipped: [] };
  let count = 0;
  let characters = 0;
  try {
    const text = report.toString('utf8');
    for (const { name, status } of format === 'jest' ? jestCases(text) : junitCases(text)) {
      const stable = stableName(name.slice(0, 4 * MAX_NAME_CHARACTERS), root).slice(0, MAX_NAME_CHARACTERS);
      characters += stable.length;
      if (++count > MAX_CASES) return tooLarge(`has more than ${shown(MAX_CASES)} tests`);
      if (characters > MAX_ALL_NAMES_CHARACTERS)
        return tooLarge(`has more than ${shown(MAX_ALL_NAMES_CHARACTERS)} characters in names of tests`);
      results[status].push(stable);
    }
  } catch {
    return { results: null, exceeded: null };
  }
  return { results, exceeded: null };
}

function tooLarge(excess: string): ParsedReport {
  const remedy = 'Set a test command that runs fewer tests, for example those of one package.';
  return { results: null, exceeded: `The report of the tests ${excess}, so only the exit code is known. ${remedy}` };
}

function shown(count: number): string {
  return count.toLocaleString('en');
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
