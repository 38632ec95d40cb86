import { runnerOfCommand, type ExceededLimit, type SandboxSession } from '@teko/domain';
import { expect, it } from 'vitest';
import { TestRuns } from './test-runs';
import { MAX_REPORT_BYTES } from './test-report';

/** Runs the tests in a sandbox that answers with this limit and report. */
async function execute(limit: ExceededLimit | null, report: string) {
  const session = {
    cwd: '/workspace',
    exec: async () => ({
      code: limit ? null : 0,
      limit,
      timedOut: false,
      head: '',
      tail: '',
      totalBytes: 0,
      durationMs: 1,
    }),
    output: async () => Buffer.from(report),
  } as unknown as SandboxSession;
  const plan = { setup: null, test: 'pytest', runner: runnerOfCommand('pytest'), lint: null, build: null };
  const journal = {
    step: async (...args: unknown[]) => (args.at(-1) as () => Promise<unknown>)(),
  };
  const runs = new TestRuns(
    {} as never,
    plan,
    {} as never,
    (_name, _commit, use) => use(session),
    journal as never,
    new AbortController().signal,
  );
  return runs.execute({ key: 'k', tree: 'head', commit: 'c', title: 't' });
}

const REPORT = '<testsuite><testcase name="a"/></testsuite>';

it.each<[ExceededLimit | null, string, RegExp | null]>([
  ['output', '', /printed too much.*quiet/],
  ['memory', '', /memory limit.*fewer of them/],
  ['processes', REPORT, /too many processes/],
  ['disk', '', /disk limit/],
  ['files', '', /too many files/],
  [null, ' '.repeat(MAX_REPORT_BYTES + 1), /larger than 16 MB.*runs fewer tests/],
  [null, REPORT, null],
  [null, '', null],
])('names the limit that the tests exceeded: %s', async (limit, report, exceeded) => {
  const tested = await execute(limit, report);
  expect(tested.exceeded).toEqual(exceeded && expect.stringMatching(exceeded));
  expect(tested.results?.passed ?? null).toEqual(report === REPORT ? ['a'] : null);
});
