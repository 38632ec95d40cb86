import { MAX_GATE_NAMES, type Canary, type GateReport, type Task } from '@teko/domain';
import type { CanaryCache } from './canary-cache';
import { Canaries, type ProvenHead } from './canaries';
import { compare } from './compare';
import { alteredDoctests } from './doctests';
import { judge, names, unshown, type Evidence, type Tested } from './judge';
import { testChanges } from './restoration';
import { runnerScripts } from './runner-scripts';
import type { TestRuns } from './test-runs';
import { writeFiles } from './workspace-files';

const NO_WITNESS =
  'The task reports a bug, but no test fails before the change and passes after it. Add a test that reproduces the bug.';

/**
 * Runs the tests of the repository on base and result, each on a fresh checkout, and compares the executions. Results that pass must
 * also be proven: the tests notice deliberate faults and, for a bug, reproduce it.
 */
export class Gate {
  private readonly canaries: Canaries;

  constructor(
    private readonly task: Task,
    private readonly runs: TestRuns,
    cache: CanaryCache,
  ) {
    this.canaries = new Canaries(runs, cache);
  }

  /** Runs the tests on the base commit, once per run. */
  testBase(commit: string): Promise<Tested> {
    return this.runs.execute({ key: 'gate:base', tree: 'base', commit, title: 'Tests before the change' });
  }

  /** Runs the tests on a result and returns the verdict. */
  async verify(base: Tested, headCommit: string): Promise<GateReport> {
    const baseFiles = this.runs.filesOf(base.execution.commit);
    const headFiles = this.runs.filesOf(headCommit);
    const changed = await this.runs.changedFiles(baseFiles.commit, headCommit);
    const key = `gate:${headCommit.slice(0, 12)}`;
    const head = await this.runs.execute({
      key: `${key}:head`,
      tree: 'head',
      commit: headCommit,
      title: 'Tests after the change',
    });
    const isTest = { base: await this.runs.testFilesOf(base), head: await this.runs.testFilesOf(head) };
    const scripts = await runnerScripts(baseFiles, this.runs.plan);
    const changes = await testChanges(changed, {
      base: baseFiles,
      head: headFiles,
      scripts,
      isTest,
    });
    const { allowTestChanges } = this.task;
    const restoration = allowTestChanges ? [] : changes.restoration;
    const removal = allowTestChanges || !hasTests(base) ? [] : changes.withoutAddedTests;
    const original = [...restoration, ...removal];
    const restored =
      original.length > 0
        ? await this.runs.execute({
            key: `${key}:restored`,
            tree: 'head-with-base-tests',
            commit: headCommit,
            title: 'Tests after the change, with the original test files',
            prepare: (session) => writeFiles(session, original),
          })
        : null;
    const { alteredTests, runnerFiles } = changes;
    const doctests = await alteredDoctests(changed, { base: baseFiles, head: headFiles, results: base.results });
    const addedTests = removal.map(({ path }) => path);
    const files = { alteredTests, addedTests, alteredDoctests: doctests, runnerFiles };
    const evidence = { base, head, restored, ...files, allowTestChanges, unstableNames: 0 };
    const first = judge(evidence);
    const report =
      first.missing.length > 0 ? judge({ ...evidence, ...(await this.withStableNames(base, head)) }) : first;
    if (report.verdict !== 'green') return report;
    const witnessFiles = changed
      .filter(({ path, status }) => status !== 'deleted' && isTest.head(path))
      .map(({ path }) => path);
    return this.prove(report, base, { tested: head, files: headFiles, restoration }, witnessFiles);
  }

  /**
   * Returns the base without tests that it does not report again in a second execution, such as tests with random names. Their number must
   * not decrease.
   */
  private async withStableNames(base: Tested, head: Tested): Promise<Pick<Evidence, 'base' | 'unstableNames'>> {
    const { results } = base;
    if (!results || (head.results?.passed.length ?? 0) < results.passed.length) return { base, unstableNames: 0 };
    const { commit } = base.execution;
    const title = 'Tests before the change again, because some are missing after it';
    const again = await this.runs.execute({ key: 'gate:base:again', tree: 'base', commit, title });
    if (!again.results) return { base, unstableNames: 0 };
    const unstable = new Set(compare(results, again.results).missing);
    const passed = results.passed.filter((name) => !unstable.has(name));
    return {
      base: { ...base, results: { ...results, passed } },
      unstableNames: results.passed.length - passed.length,
    };
  }

  /** Returns the report with the proof, or as not proven. The cheapest and most likely failure is tried first. */
  private async prove(report: GateReport, base: Tested, head: ProvenHead, witnessFiles: string[]): Promise<GateReport> {
    const broken = await this.canaries.brokenCode(base, head);
    const first = { ...report, canaries: [broken] };
    if (broken.result === 'missed') return unproven(first, broken);
    const missing = this.missingWitness(report);
    const witnessed = missing ? await this.witnessed(first, base, head, { files: witnessFiles, missing }) : first;
    if (witnessed.verdict !== 'green') return witnessed;
    const failing = await this.canaries.failingTests(base, head);
    const complete = { ...witnessed, canaries: [broken, failing] };
    return failing.result === 'missed' ? unproven(complete, failing) : complete;
  }

  /** Returns why the result is not proven without a test that fails before the change and passes after it, or null if it needs none. */
  private missingWitness({ oldFailures, fixed }: GateReport): string | null {
    if (this.task.isBug) return NO_WITNESS;
    return oldFailures.length > 0 && fixed.length === 0 ? unshown(oldFailures) : null;
  }

  /** Adds the tests that fail before the change and pass after it. */
  private async witnessed(
    report: GateReport,
    base: Tested,
    head: ProvenHead,
    { files: witnessFiles, missing }: { files: string[]; missing: string },
  ): Promise<GateReport> {
    if (report.fixed.length > 0) return { ...report, witnesses: report.fixed };
    if (!base.results && base.execution.exitCode !== 0) return { ...report, witnesses: [base.execution.command] };
    const none: GateReport = { ...report, verdict: 'not_proven', reason: missing };
    if (witnessFiles.length === 0) return none;
    const tested = await this.runs.execute({
      key: `gate:${head.files.commit.slice(0, 12)}:witness`,
      tree: 'base-with-head-tests',
      commit: base.execution.commit,
      title: 'Tests before the change, with the new tests',
      prepare: async (session) => {
        const [contents, entries] = [await head.files.read(witnessFiles), await head.files.entries()];
        await writeFiles(
          session,
          [...contents].map(([path, content]) => ({ path, content, mode: entries.get(path)!.mode })),
        );
      },
    });
    const executions = [...report.executions, tested.execution];
    const witnesses = witnessesOf(base, head.tested, tested, witnessFiles);
    return witnesses.length > 0
      ? {
          ...report,
          executions,
          witnesses: witnesses.slice(0, MAX_GATE_NAMES),
          reason: `${report.reason} Without the change, ${names(witnesses)} ${witnesses.length === 1 ? 'fails' : 'fail'}.`,
        }
      : { ...none, executions };
  }
}

/** Whether tests ran on the base; without a report, whether its command succeeded. */
function hasTests({ execution, results }: Tested): boolean {
  if (!results) return execution.exitCode === 0;
  return results.passed.length + results.failed.length > 0;
}

/** Tests of the result that do not pass with the code of the base. Without names, the new test files are the witness. */
function witnessesOf(base: Tested, head: Tested, tested: Tested, files: string[]): string[] {
  if (!head.results) return tested.execution.exitCode !== 0 ? files : [];
  if (tested.execution.exitCode === 0) return [];
  // Tests with random names have others here. One that fails, or a file that does not load, is a failure of its own.
  if (base.results && tested.results && compare(base.results, tested.results).newFailures.length === 0) return [];
  const before = new Set(base.results?.passed);
  const { failed, passed } = tested.results ?? { failed: [], passed: [] };
  const [failing, passing] = [new Set(failed), new Set(passed)];
  const isWitness = (name: string) => failing.has(name) || (!before.has(name) && !passing.has(name));
  return [...new Set(head.results.passed)].filter(isWitness);
}

function unproven(report: GateReport, { detail }: Canary): GateReport {
  return { ...report, verdict: 'not_proven', reason: detail };
}

/** Whether another try of the agent can prove the result: not if the tests themselves prove nothing. */
export function canBeProven({ canaries }: GateReport): boolean {
  return !canaries.some(({ kind, result }) => kind === 'broken_code' && result === 'missed');
}
