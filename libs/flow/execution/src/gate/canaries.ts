import { MAX_GATE_NAMES, type Canary, type SandboxSession } from '@teko/domain';
import { breakCode, filesToBreak } from './broken-code';
import type { CanaryCache } from './canary-cache';
import type { CommitFiles } from './commit-files';
import { regressions } from './compare';
import {
  extensibleTestFiles,
  failsMore,
  randomId,
  reportedFailures,
  withFailingTests,
  type Calibration,
  type FailureMode,
} from './failing-tests';
import { names, type Tested } from './judge';
import type { PreparedTested, TestRuns } from './test-runs';
import { writeFiles, type WorkspaceFile } from './workspace-files';

const CHECK_COMMAND = 'Check the test command of the repository, and whether its tests run the checked-out code.';

/** A result that passed its tests. */
export interface ProvenHead {
  tested: Tested;
  files: CommitFiles;
  /** Restores changed tests and runner files in a checkout of it. */
  restoration: WorkspaceFile[];
}

/** Makes deliberate faults that the tests must detect. Tests that miss one prove nothing. */
export class Canaries {
  constructor(
    private readonly runs: TestRuns,
    private readonly cache: CanaryCache,
  ) {}

  /** Breaks the code of the base or, if its tests proved nothing before the change, the code of the result. */
  async brokenCode(base: Tested, head: ProvenHead): Promise<Canary> {
    if (!provesSomething(base)) return this.breakHead(head);
    const { run, plan } = this.runs;
    const { commit } = base.execution;
    const stored = await this.cache.find(run, plan, commit);
    if (stored.broken) return { ...stored.broken, durationMs: 0 };
    const broken = await this.breakTree('base', base, this.runs.filesOf(commit), []);
    // Without any file to break on base, the code is new.
    if (broken.result === 'not_possible') return this.breakHead(head);
    await this.cache.save(run, plan, commit, { ...stored, broken });
    return broken;
  }

  private async breakHead({ tested, files, restoration }: ProvenHead): Promise<Canary> {
    const canary = await this.breakTree('head', tested, files, restoration);
    // Tests without results by name prove only that a command succeeded.
    return canary.result === 'not_possible' && !tested.results ? { ...canary, result: 'missed' } : canary;
  }

  private async breakTree(
    tree: Canary['tree'],
    green: Tested,
    files: CommitFiles,
    restoration: WorkspaceFile[],
  ): Promise<Canary> {
    const selection = await filesToBreak(files, this.runs.plan, await this.runs.testFilesOf(green));
    const canary = { kind: 'broken_code' as const, tree };
    if (selection.length === 0)
      return { ...canary, result: 'not_possible', detail: 'There is no code that could be broken.', durationMs: 0 };
    const broken = await this.runs.execute({
      key: `gate:${files.commit.slice(0, 12)}:broken`,
      tree,
      commit: files.commit,
      title: tree === 'base' ? 'Tests before the change, with broken code' : 'Tests after the change, with broken code',
      prepare: async (session) => {
        await writeFiles(session, restoration);
        await breakCode(session, selection, randomId());
      },
    });
    const { durationMs } = broken.execution;
    return noticesBreak(green, broken)
      ? { ...canary, result: 'detected', detail: 'The tests fail when the code is broken.', durationMs }
      : {
          ...canary,
          result: 'missed',
          detail: `The tests still pass when the code is broken: every source file was made to fail, and \`${this.runs.plan.test}\` did not notice. ${CHECK_COMMAND}`,
          durationMs,
        };
  }

  /** Adds failing tests to the test files of the result. Code that forges results would hide them. */
  async failingTests(base: Tested, head: ProvenHead): Promise<Canary> {
    const paths = await this.testFiles(base, head);
    if (paths.length === 0)
      return this.impossible('The base has no test files to which a failing test can be added.', 0);
    const isNamed = Boolean(head.tested.results && this.runs.plan.runner?.addFailingTest);
    // If the base has no results although its runner can report them, its tests do not even start.
    const calibration = base.results || !isNamed ? await this.calibrate(base) : null;
    if (calibration && !calibration.mode)
      return this.impossible('The runner does not report tests that are added to the test files of the base.', 0);
    const mode = calibration?.mode ?? 'named';
    const expected = calibration && mode === 'named' ? Object.keys(calibration.reported) : paths;
    const chosen = paths.filter((path) => expected.includes(path));
    if (chosen.length === 0) return this.impossible('The change removed the test files with the failing tests.', 0);
    return this.tryFailingTests(base, head, chosen, mode, calibration);
  }

  /** A second try tells a test that fails now and then from one whose failure was hidden. */
  private async tryFailingTests(
    base: Tested,
    head: ProvenHead,
    paths: string[],
    mode: FailureMode,
    calibration: Calibration | null,
  ): Promise<Canary> {
    let problem: string | null = null;
    let durationMs = 0;
    for (const attempt of [1, 2]) {
      const tested = await this.executeWithFailingTests('head', head.files, paths, mode, head.restoration, attempt);
      durationMs += tested.execution.durationMs;
      problem = problemOf(tested, { base, head, mode, calibration });
      if (!problem) break;
    }
    const canary = { kind: 'failing_test' as const, tree: 'head' as const, durationMs };
    return problem
      ? { ...canary, result: 'missed', detail: problem }
      : {
          ...canary,
          result: 'detected',
          detail: 'Failing tests that were added to the test files are reported as failed.',
        };
  }

  private async calibrate(base: Tested): Promise<Calibration> {
    const { run, plan } = this.runs;
    const { commit } = base.execution;
    const stored = await this.cache.find(run, plan, commit);
    if (stored.calibration) return stored.calibration;
    const calibration = await this.calibrateNow(base);
    await this.cache.save(run, plan, commit, { ...stored, calibration });
    return calibration;
  }

  private async calibrateNow(base: Tested): Promise<Calibration> {
    const files = this.runs.filesOf(base.execution.commit);
    const paths = extensibleTestFiles([...(await files.entries()).keys()], await this.runs.testFilesOf(base));
    if (base.results && this.runs.plan.runner?.addFailingTest) {
      const tested = await this.executeWithFailingTests('base', files, paths, 'named', [], 1);
      const reported = reportedFailures(tested, idsOf(tested));
      const lost = regressions(base.results, tested.results ?? { passed: [], failed: [], skipped: [] });
      if (Object.keys(reported).length > 0 && tested.execution.exitCode !== 0)
        return { mode: 'named', reported, lost: lost.slice(0, MAX_GATE_NAMES) };
    }
    const tested = await this.executeWithFailingTests('base', files, paths, 'load', [], 2);
    const { exitCode, output } = tested.execution;
    const isLoaded = exitCode !== 0 && [...idsOf(tested).values()].some((id) => output.includes(id));
    const isNoticed = isLoaded || failsMore(base, tested);
    return { mode: isNoticed ? 'load' : null, reported: {}, lost: [] };
  }

  private executeWithFailingTests(
    tree: Canary['tree'],
    files: CommitFiles,
    paths: string[],
    mode: FailureMode,
    restoration: WorkspaceFile[],
    attempt: number,
  ): Promise<PreparedTested> {
    return this.runs.execute({
      key: `gate:${files.commit.slice(0, 12)}:failing:${tree}:${attempt}`,
      tree,
      commit: files.commit,
      title: `Tests ${tree === 'base' ? 'before' : 'after'} the change, with failing tests added`,
      prepare: async (session: SandboxSession) => {
        await writeFiles(session, restoration);
        const contents = await files.read(paths);
        for (const { path, content } of restoration)
          if (content !== null && paths.includes(path)) contents.set(path, Buffer.from(content));
        const failing = withFailingTests(contents, mode, this.runs.plan.runner);
        await writeFiles(session, failing.files);
        return { ids: Object.fromEntries(failing.ids) };
      },
    });
  }

  /** Returns the extensible test files of the base that exist in the tested result. */
  private async testFiles(base: Tested, head: ProvenHead): Promise<string[]> {
    const before = await this.runs.filesOf(base.execution.commit).entries();
    const after = new Set((await head.files.entries()).keys());
    for (const { path, content } of head.restoration) if (content !== null) after.add(path);
    return extensibleTestFiles([...before.keys()], await this.runs.testFilesOf(base)).filter((path) => after.has(path));
  }

  private impossible(detail: string, durationMs: number): Canary {
    return { kind: 'failing_test', tree: 'head', result: 'not_possible', detail, durationMs };
  }
}

function provesSomething({ execution, results }: Tested): boolean {
  return results ? results.passed.length > 0 : execution.exitCode === 0;
}

function noticesBreak(green: Tested, { execution, results }: Tested): boolean {
  if (execution.timedOut) return true;
  if (!green.results) return execution.exitCode !== 0;
  if (!results) return execution.exitCode !== 0 || green.results.passed.length > 0;
  return regressions(green.results, results).length > 0;
}

/** Returns why the failing tests show that the results of the head cannot be trusted, or null. */
function problemOf(
  tested: PreparedTested,
  {
    base,
    head,
    mode,
    calibration,
  }: { base: Tested; head: ProvenHead; mode: FailureMode; calibration: Calibration | null },
): string | null {
  const { execution, results } = tested;
  const hidden =
    'Failing tests were added to the test files, and they were not reported as failed: the change hides failures of tests.';
  if (execution.timedOut) return 'The tests timed out when failing tests were added.';
  if (execution.exitCode === 0) return hidden;
  if (mode === 'load') return failsMore(head.tested, tested) ? null : hidden;
  const reported = reportedFailures(tested, idsOf(tested));
  const ids = idsOf(tested);
  const isComplete = calibration
    ? Object.entries(calibration.reported).every(
        ([path, expected]) => !ids.has(path) || isEqual(expected, reported[path] ?? []),
      )
    : Object.keys(reported).length > 0;
  if (!isComplete || !results)
    return tested.exceeded ? `The results are not known when failing tests are added. ${tested.exceeded}` : hidden;
  const [unstable, known] = [new Set(calibration?.lost), new Set(base.results?.passed ?? head.tested.results!.passed)];
  const changed = regressions(head.tested.results!, results).filter((name) => known.has(name) && !unstable.has(name));
  return changed.length === 0
    ? null
    : `The tests pass, but not when a failing test is added to their files: ${names(changed)}.`;
}

function idsOf({ prepared }: Pick<PreparedTested, 'prepared'>): Map<string, string> {
  return new Map(Object.entries((prepared.ids ?? {}) as Record<string, string>));
}

function isEqual(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
