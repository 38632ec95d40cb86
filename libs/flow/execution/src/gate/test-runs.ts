import type {
  ExceededLimit,
  GitMirrors,
  Run,
  SandboxSession,
  TestExecution,
  TestedTree,
  TestResults,
} from '@teko/domain';
import { MAX_GATE_NAMES } from '@teko/domain';
import type { RunJournal } from '../run-journal';
import { CommitFiles } from './commit-files';
import type { Tested } from './judge';
import { testFilesOf, type IsTestFile } from './test-files';
import { testCall, writesReport, type TestPlan } from './test-plan';
import { MAX_REPORT_BYTES, parseReport, type ParsedReport } from './test-report';

const GATE_TIMEOUT_MS = 15 * 60_000;
const OUTPUT_BYTES = 32 * 1024;
const EXCEEDED: Record<ExceededLimit, string> = {
  memory: 'The tests were stopped because they exceeded the memory limit. Run fewer of them at the same time.',
  processes: 'The tests were stopped because they started too many processes. Run fewer of them at the same time.',
  disk: 'The tests were stopped because they exceeded the disk limit. Make them write less, or delete what they write.',
  files: 'The tests were stopped because they created too many files. Make them create fewer, or delete them.',
  output:
    'The tests were stopped because they printed too much. Make them print less, for example with a quiet option.',
};
const NO_REPORT: ParsedReport = { results: null, exceeded: null };

/** Keeps installers from waiting minutes for a network that the sandbox does not have. */
const INSTALLER_ENV = {
  npm_config_fetch_retries: '0',
  PIP_RETRIES: '0',
  PIP_TIMEOUT: '5',
  COMPOSER_MAX_PARALLEL_HTTP: '1',
};

/** Runs `use` in a sandbox on a fresh checkout, which is deleted afterwards. */
export type FreshCheckout = <T>(
  name: string,
  commit: string,
  use: (session: SandboxSession) => Promise<T>,
) => Promise<T>;

/** One execution of the tests to make. */
export interface TestRequest {
  /** Key of the step, unique within the run. */
  key: string;
  tree: TestedTree;
  commit: string;
  title: string;
  /** Changes the fresh checkout before dependencies are installed. Returns what is stored with the results. */
  prepare?: (session: SandboxSession) => Promise<Record<string, unknown> | void>;
}

/** Results with what `prepare` returned. */
export type PreparedTested = Tested & { prepared: Record<string, unknown> };

/** Runs the tests of one run's repository, each time on a fresh checkout. A finished execution is not repeated after a crash. */
export class TestRuns {
  constructor(
    readonly run: Run,
    readonly plan: TestPlan,
    private readonly mirrors: GitMirrors,
    private readonly checkout: FreshCheckout,
    private readonly journal: RunJournal,
    private readonly signal: AbortSignal,
  ) {}

  filesOf(commit: string): CommitFiles {
    return new CommitFiles(this.mirrors, this.run.repositoryId, commit);
  }

  /** Returns what the test files of a tested commit are. */
  testFilesOf({ execution, results }: Tested): Promise<IsTestFile> {
    return testFilesOf(results, this.plan.runner, this.filesOf(execution.commit));
  }

  async changedFiles(base: string, head: string) {
    return (await this.mirrors.diff(this.run.repositoryId, base, head)).files;
  }

  async execute({ key, tree, commit, title, prepare }: TestRequest): Promise<PreparedTested> {
    const input = { command: this.plan.test, commit };
    const step = await this.journal.step(key, 'gate', title, input, async () => {
      const data = await this.checkout(tree, commit, async (session) => {
        const prepared = (await prepare?.(session)) ?? {};
        await this.installDependencies(session);
        return { ...(await this.test(session, tree, commit)), prepared };
      });
      return { status: 'done', output: data.execution.output, data };
    });
    const stored = step.data as unknown as Partial<PreparedTested>;
    const { execution, results = null, exceeded = null, prepared = {} } = stored;
    return { execution: execution!, results, exceeded, prepared };
  }

  private async installDependencies(session: SandboxSession): Promise<void> {
    if (this.plan.setup)
      await session.exec(['bash', '-c', this.plan.setup], {
        env: INSTALLER_ENV,
        timeoutMs: GATE_TIMEOUT_MS,
        signal: this.signal,
      });
  }

  private async test(session: SandboxSession, tree: TestedTree, commit: string): Promise<Tested> {
    const report = writesReport(this.plan) ? `/tmp/report-${crypto.randomUUID()}` : null;
    const { argv, env } = testCall(this.plan, report);
    const result = await session.exec(argv, {
      env: { ...env, TEKO_GATE: '1' },
      timeoutMs: GATE_TIMEOUT_MS,
      outputBytes: OUTPUT_BYTES,
      signal: this.signal,
    });
    // All processes of the command have ended, so nothing can change the report any more.
    const text = report && (await this.readReport(session, report));
    const { results, exceeded } = text ? parseReport(this.plan.runner!.report!.format, text, session.cwd) : NO_REPORT;
    const gap = result.totalBytes > OUTPUT_BYTES ? '\n[... output omitted ...]\n' : '';
    const execution: TestExecution = {
      tree,
      commit,
      command: this.plan.test!,
      exitCode: result.code,
      timedOut: result.timedOut,
      durationMs: result.durationMs,
      tests: results ? countsOf(results) : null,
      output: result.head + gap + result.tail,
    };
    return { execution, results, exceeded: result.limit ? EXCEEDED[result.limit] : exceeded };
  }

  /** Returns null if there is no report. Of a report that is too large, it returns more bytes than are accepted. */
  private async readReport(session: SandboxSession, path: string): Promise<Buffer | null> {
    const script = '[ -f "$1" ] && [ ! -L "$1" ] && exec head -c "$2" -- "$1"';
    const maxBytes = MAX_REPORT_BYTES + 1;
    try {
      return await session.output(['bash', '-c', script, 'report', path, String(maxBytes)], {
        maxBytes,
        timeoutMs: 60_000,
        signal: this.signal,
      });
    } catch {
      this.signal.throwIfAborted();
      return null;
    }
  }
}

function countsOf({ passed, failed, skipped }: TestResults): TestExecution['tests'] {
  return {
    passed: passed.length,
    failed: failed.slice(0, MAX_GATE_NAMES),
    skipped: skipped.length,
    total: passed.length + failed.length + skipped.length,
  };
}
