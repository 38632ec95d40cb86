import { AGENT_TYPES, RUN_OUTCOMES, RUN_STATUSES, STEP_KINDS, STEP_STATUSES } from '@teko/contracts';
import type { GateReport, Run, Step, TestExecution } from '@teko/domain';
import { Data, Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';

export class TestCountsDto {
  @Num('Passed.', 41) passed: number;
  @Text('Names of those that failed.', 'weekOf > leap years', { isArray: true }) failed: string[];
  @Num('Skipped.', 0) skipped: number;
  @Num('All.', 42) total: number;
}

/** One execution of the repository's tests on one tree. */
export class TestExecutionDto implements TestExecution {
  @OneOf(['base', 'head', 'head-with-base-tests'], 'Which tree.') tree: TestExecution['tree'];
  @Text('Commit.', COMMIT) commit: string;
  @Text('Command.', 'npm test') command: string;
  @Num('Exit code; null when it was killed.', 0, { nullable: true }) exitCode: number | null;
  @Flag('Ended by the time limit.', false) timedOut: boolean;
  @Num('Milliseconds.', 2150) durationMs: number;
  @Nested(() => TestCountsDto, 'Tests by name; null when only the exit code is known.', { nullable: true })
  tests: TestCountsDto | null;
  @Text('Head and tail of the output.', '42 passed') output: string;
}

/** The evidence that a result is good or not. */
export class GateReportDto implements GateReport {
  @OneOf(['green', 'red', 'no_change', 'no_tests', 'tests_changed'], 'The verdict.') verdict: GateReport['verdict'];
  @Text('The verdict in one sentence.', '1 failing test passes now and none fails.') reason: string;
  @Text('Failing on head but not on base.', 'weekOf > today', { isArray: true }) newFailures: string[];
  @Text('Failing on both.', 'parse > empty', { isArray: true }) oldFailures: string[];
  @Text('Failing on base and passing on head.', 'weekOf > leap years', { isArray: true }) fixed: string[];
  @Text('Test files that the change altered.', 'test/week.test.ts', { isArray: true }) alteredTests: string[];
  @Nested(() => TestExecutionDto, 'What was executed.', { isArray: true }) executions: TestExecutionDto[];
}

const HIDDEN = ['leaseOwner', 'leaseToken', 'leaseExpiresAt'] as const;
type Hidden = (typeof HIDDEN)[number];

/** One execution of one agent for one task. */
export class RunDto implements Omit<Run, Hidden> {
  @Id('Identifier.') id: string;
  @Num('Short number people say.', 4) number: number;
  @Id('Task.') taskId: string;
  @Id('Repository.') repositoryId: string;
  @OneOf(AGENT_TYPES, 'Agent.') agentType: Run['agentType'];
  @Text('Language agent.', 'typescript', { nullable: true }) language: string | null;
  @Text('Model, fixed when the run starts.', 'anthropic:claude-sonnet-4-5', { nullable: true }) model: string | null;
  @OneOf(RUN_STATUSES, 'Where it stands.') status: Run['status'];
  @OneOf(RUN_OUTCOMES, 'Why it ended as it did.', { nullable: true }) outcome: Run['outcome'];
  @Text('The outcome in words, from facts.', '1 failing test passes now.', { nullable: true })
  outcomeDetail: string | null;
  @Text('Why this agent and this language.', 'The repository is 91% TypeScript.') reason: string;
  @Num('Higher runs first.', 20) priority: number;
  @Num('The how-manieth run of its task.', 1) attempt: number;
  @Text('Branch it starts from.', 'main', { nullable: true }) baseBranch: string | null;
  @Text('Commit it starts from.', COMMIT, { nullable: true }) baseCommit: string | null;
  @Text('Commit it made.', COMMIT, { nullable: true }) headCommit: string | null;
  @Text('Branch it made.', 'teko/12-weeks', { nullable: true }) branch: string | null;
  @Text('Stage it is in.', 'gate', { nullable: true }) phase: string | null;
  @Num('Rounds of repair after a red gate.', 0) repairRound: number;
  @Num('Turns of the model.', 7) turns: number;
  @Num('Tokens sent.', 48210) inputTokens: number;
  @Num('Tokens received.', 2205) outputTokens: number;
  @Num('Millionths of a US dollar; null when a price is unknown.', 177705, { nullable: true })
  costMicros: number | null;
  @Nested(() => GateReportDto, 'The evidence.', { nullable: true }) gate: GateReportDto | null;
  @Text('What the agent says it did.', 'Counts ISO weeks.', { nullable: true }) summary: string | null;
  @Text('Kind of sandbox.', 'bubblewrap', { nullable: true }) sandbox: string | null;
  @When('When somebody asked to cancel it.', { nullable: true }) cancelRequestedAt: Date | null;
  @Id('Who asked for it; null for Teko itself.', { nullable: true }) requestedById: string | null;
  @Num('Milliseconds that it waited, for people or for its model.', 0) waitedMs: number;
  @When('When it goes on, where it waits for its model.', { nullable: true }) resumeAt: Date | null;
  @Num('How often it waited for its model.', 0) pauses: number;
  @Flag('Belongs to the demo workspace.', false) demo: boolean;
  @When('Queued.') queuedAt: Date;
  @When('Started.', { nullable: true }) startedAt: Date | null;
  @When('Finished.', { nullable: true }) finishedAt: Date | null;
  @When('Created.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

/** The run without what only workers need. */
export function toRunDto(run: Run): RunDto {
  const shown: Partial<Run> = { ...run };
  for (const field of HIDDEN) delete shown[field];
  return shown as RunDto;
}

/** What happened in a run. */
export class StepDto implements Step {
  @Id('Identifier.') id: string;
  @Id('Run.') runId: string;
  @Num('Order in the run, from 1.', 3) seq: number;
  @Text('Unique in the run.', 'tool:3') key: string;
  @OneOf(STEP_KINDS, 'What it shows.') kind: Step['kind'];
  @OneOf(STEP_STATUSES, 'Where it stands.') status: Step['status'];
  @Text('In words.', 'Read src/week.ts') title: string;
  @Data('Arguments, redacted.', { path: 'src/week.ts' }, { nullable: true }) input: Record<string, unknown> | null;
  @Text('What came back, redacted and bounded.', 'export function weekOf', { nullable: true }) output: string | null;
  @Data('Facts such as exit code or tokens.', { exitCode: 0 }, { nullable: true })
  data: Record<string, unknown> | null;
  @When('Started.') startedAt: Date;
  @When('Finished.', { nullable: true }) finishedAt: Date | null;
}

export class RunListQuery extends listQueryOf({
  sort: ['createdAt', 'number', 'status', 'priority', 'finishedAt'],
  order: 'DESC',
  filters: {
    status: RUN_STATUSES,
    taskId: null,
    repositoryId: null,
    agentType: AGENT_TYPES,
    outcome: RUN_OUTCOMES,
    demo: ['true', 'false'],
  },
}) {}
