import {
  languageById,
  isTestFile,
  type GitMirrors,
  type Repository,
  type Run,
  type SandboxSession,
  type Task,
  type TestExecution,
  type Toolchain,
  type CodebaseProfile,
  type GateReport,
} from '@teko/domain';
import type { RunJournal } from '../run-journal';
import { judge } from './judge';
import { parseJunit } from './junit';

const GATE_TIMEOUT_MS = 15 * 60_000;
const OUTPUT_BYTES = 32 * 1024;
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

/** Commands of the repository: as set by a user, else by its .teko.yml, else as found by the analysis. */
export interface TestPlan {
  setup: string | null;
  test: string | null;
  /** Arguments that add a JUnit report to the test command, or null if the runner has none. */
  junitArgs: string | null;
  /** Only for the agent; the gate does not run them. */
  lint: string | null;
  build: string | null;
}

export function testPlan(
  repository: Repository,
  profile: CodebaseProfile,
  rules: { setup: string | null; test: string | null },
): TestPlan {
  const toolchain: Toolchain | undefined = profile.toolchains[0];
  const runner = languageById(toolchain?.language ?? null)?.testRunners.find(({ id }) => id === toolchain?.testRunner);
  return {
    setup: repository.setupCommand ?? rules.setup ?? profile.commands.setup,
    test: repository.testCommand ?? rules.test ?? profile.commands.test,
    junitArgs: repository.testCommand || rules.test ? null : (runner?.junitArgs ?? null),
    lint: repository.lintCommand ?? profile.commands.lint,
    build: repository.buildCommand ?? profile.commands.build,
  };
}

/** Runs the tests of the repository on base and result, each on a fresh checkout, and compares the executions. */
export class Gate {
  constructor(
    private readonly run: Run,
    private readonly task: Task,
    private readonly plan: TestPlan,
    private readonly mirrors: GitMirrors,
    private readonly checkout: FreshCheckout,
    private readonly journal: RunJournal,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs the tests on the base commit, once per run. */
  testBase(commit: string): Promise<TestExecution> {
    return this.execute('gate:base', 'base', commit, 'Tests before the change');
  }

  /** Runs the tests on a result and returns the verdict. */
  async verify(base: TestExecution, headCommit: string): Promise<GateReport> {
    const alteredTests = await this.alteredTests(base.commit, headCommit);
    const key = `gate:${headCommit.slice(0, 12)}`;
    const head = await this.execute(`${key}:head`, 'head', headCommit, 'Tests after the change');
    const mustRestore = alteredTests.length > 0 && !this.task.allowTestChanges;
    const restored = mustRestore
      ? await this.execute(
          `${key}:restored`,
          'head-with-base-tests',
          headCommit,
          'Tests after the change, with the original test files',
          { commit: base.commit, files: alteredTests },
        )
      : null;
    return judge({ base, head, restored, alteredTests });
  }

  private async alteredTests(base: string, head: string): Promise<string[]> {
    const { files } = await this.mirrors.diff(this.run.repositoryId, base, head);
    return files
      .filter(({ status }) => status !== 'added')
      .map(({ path, oldPath }) => oldPath ?? path)
      .filter(isTestFile);
  }

  private async execute(
    key: string,
    tree: TestExecution['tree'],
    commit: string,
    title: string,
    restore?: { commit: string; files: string[] },
  ): Promise<TestExecution> {
    const step = await this.journal.step(key, 'gate', title, { command: this.plan.test, commit }, async () => {
      const execution = await this.checkout(tree, commit, async (session) => {
        if (restore) await this.restoreFiles(session, restore);
        await this.installDependencies(session);
        return this.test(session, tree, commit);
      });
      return { status: 'done', output: execution.output, data: { execution } };
    });
    return (step.data as { execution: TestExecution }).execution;
  }

  private async installDependencies(session: SandboxSession): Promise<void> {
    if (this.plan.setup)
      await session.exec(['bash', '-c', this.plan.setup], {
        env: INSTALLER_ENV,
        timeoutMs: GATE_TIMEOUT_MS,
        signal: this.signal,
      });
  }

  private async test(session: SandboxSession, tree: TestExecution['tree'], commit: string): Promise<TestExecution> {
    const report = `/tmp/teko-${this.run.id}-${tree}.xml`;
    const command = this.plan.test!;
    const result = await session.exec(
      shellCommand(command, this.plan.junitArgs?.replaceAll('{report}', report) ?? null),
      {
        env: { TEKO_GATE: '1' },
        timeoutMs: GATE_TIMEOUT_MS,
        outputBytes: OUTPUT_BYTES,
        signal: this.signal,
      },
    );
    const xml = this.plan.junitArgs ? await session.exec(['cat', report], { outputBytes: 8 * 1024 * 1024 }) : null;
    const gap = result.totalBytes > OUTPUT_BYTES ? '\n[... output omitted ...]\n' : '';
    return {
      tree,
      commit,
      command,
      exitCode: result.code,
      timedOut: result.timedOut,
      durationMs: result.durationMs,
      tests: xml?.code === 0 ? parseJunit(xml.head + xml.tail) : null,
      output: result.head + gap + result.tail,
    };
  }

  private async restoreFiles(
    session: SandboxSession,
    { commit, files }: { commit: string; files: string[] },
  ): Promise<void> {
    const tree = new Map(
      (await this.mirrors.tree(this.run.repositoryId, commit)).map(({ path, blob }) => [path, blob]),
    );
    const ids = files.flatMap((file) => tree.get(file) ?? []);
    const blobs = await this.mirrors.blobs(this.run.repositoryId, ids, 10 * 1024 * 1024);
    for (const file of files) {
      const content = blobs.get(tree.get(file) ?? '');
      if (content) await session.writeFile(file, content);
    }
  }
}

/** Inserts the report arguments at "$@" if the command contains it, else appends them. */
function shellCommand(command: string, extra: string | null): string[] {
  if (extra === null) return ['bash', '-c', command];
  return command.includes('"$@"')
    ? ['bash', '-c', command, 'teko', ...extra.split(' ')]
    : ['bash', '-c', `${command} ${extra}`];
}
