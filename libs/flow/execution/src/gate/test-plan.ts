import {
  languageById,
  runnerOfCommand,
  type CodebaseProfile,
  type Repository,
  type TestRunner,
  type Toolchain,
} from '@teko/domain';

/** Commands of the repository: as set by a user, else by its .teko.yml, else as found by the analysis. */
export interface TestPlan {
  setup: string | null;
  test: string | null;
  /** The runner that the test command calls, or null if it is not known. */
  runner: TestRunner | null;
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
  const own = repository.testCommand ?? rules.test;
  const detected = languageById(toolchain?.language ?? null)?.testRunners.find(
    ({ id }) => id === toolchain?.testRunner,
  );
  return {
    setup: repository.setupCommand ?? rules.setup ?? profile.commands.setup,
    test: own ?? profile.commands.test,
    runner: own ? runnerOfCommand(own) : (detected ?? null),
    lint: repository.lintCommand ?? profile.commands.lint,
    build: repository.buildCommand ?? profile.commands.build,
  };
}

/** How a test command is run so that it writes a report. */
export interface TestCall {
  argv: string[];
  env: Record<string, string>;
}

/** Returns the call of the test command; with `report`, the path of the report that it writes. */
export function testCall({ test, runner }: Pick<TestPlan, 'test' | 'runner'>, report: string | null): TestCall {
  const command = test!;
  const form = runner?.report;
  if (!report || !form) return { argv: ['bash', '-c', command], env: {} };
  if (form.program && form.after)
    return {
      argv: ['bash', '-c', command.replace(form.after, '-c "$TEKO_PROGRAM"')],
      env: { TEKO_PROGRAM: form.program, TEKO_REPORT: report },
    };
  const args = [form.args, runner.keepGoing].filter(Boolean).join(' ').replaceAll('{report}', report);
  if (command.includes('"$@"')) return { argv: ['bash', '-c', command, 'teko', ...args.split(' ')], env: {} };
  const extended = form.after ? command.replace(form.after, (part) => `${part} ${args}`) : `${command} ${args}`;
  return { argv: ['bash', '-c', extended], env: {} };
}

/** Whether the test command of the plan can write a report. */
export function writesReport({ test, runner }: Pick<TestPlan, 'test' | 'runner'>): boolean {
  return Boolean(runner?.report) && !/--test-reporter/.test(test ?? '');
}
