import type { TestResults } from '@teko/domain';

/** What happened to the tests of one execution in another one. */
export interface Comparison {
  /** Failed now and not before. */
  newFailures: string[];
  /** Failed before and now. */
  oldFailures: string[];
  /** Failed before and passed now. */
  fixed: string[];
  /** Passed before, and not reported now. */
  missing: string[];
  /** Passed or failed before, and skipped now. */
  skipped: string[];
  /** Failed before, and not reported now. */
  vanished: string[];
  /** Passed now and not before, or more often, as another test of the same name does; did not fail before. */
  added: string[];
}

export const NO_CHANGES: Comparison = {
  newFailures: [],
  oldFailures: [],
  fixed: [],
  missing: [],
  skipped: [],
  vanished: [],
  added: [],
};

type Counts = Record<keyof TestResults, number>;

/** Compares by name. Of several tests with one name, it compares how many passed. */
export function compare(before: TestResults, after: TestResults): Comparison {
  const result = structuredClone(NO_CHANGES);
  const old = countsByName(before);
  const now = countsByName(after);
  for (const [name, counts] of now) {
    const was = old.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    if (counts.failed > was.failed) result.newFailures.push(name);
    else if (counts.failed > 0) result.oldFailures.push(name);
    else if (counts.passed > was.passed && was.failed === 0) result.added.push(name);
  }
  for (const [name, was] of old) compareTest(name, was, now.get(name) ?? { passed: 0, failed: 0, skipped: 0 }, result);
  return result;
}

function compareTest(name: string, was: Counts, now: Counts, result: Comparison): void {
  const isSkipped = now.skipped > was.skipped;
  if (was.failed > now.failed)
    (now.passed > was.passed ? result.fixed : isSkipped ? result.skipped : result.vanished).push(name);
  const lost = was.passed - now.passed - Math.max(0, now.failed - was.failed);
  if (lost <= 0) return;
  (now.skipped - was.skipped >= lost ? result.skipped : result.missing).push(name);
}

function countsByName(results: TestResults): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const status of ['passed', 'failed', 'skipped'] as const)
    for (const name of results[status]) {
      const entry = counts.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
      entry[status]++;
      counts.set(name, entry);
    }
  return counts;
}

/** Returns the tests that passed before and do not pass now, for whatever reason. */
export function regressions(before: TestResults, after: TestResults): string[] {
  const old = countsByName(before);
  const now = countsByName(after);
  return [...old].filter(([name, { passed }]) => passed > (now.get(name)?.passed ?? 0)).map(([name]) => name);
}
