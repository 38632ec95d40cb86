import {
  AGENT_TYPES,
  EFFECT_KIND_MEANINGS,
  EFFECT_KINDS,
  EFFECT_STATUS_MEANINGS,
  EFFECT_STATUSES,
  RUN_ORIGINS,
  RUN_OUTCOME_MEANINGS,
  RUN_OUTCOMES,
  RUN_PHASE_MEANINGS,
  RUN_STATUS_MEANINGS,
  RUN_STATUSES,
  STEP_KINDS,
  STEP_STATUSES,
} from '@teko/contracts';
import {
  completeGateReport,
  type Canary,
  type Effect,
  type GateReport,
  type ResumePoint,
  type Run,
  type RunOrigin,
  type Step,
  type TestExecution,
} from '@teko/domain';
import type { QueuePosition } from '@teko/scheduling';
import { IsInt, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Data, Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';
const BASE_COMMIT = '9b1d7e6f5a4c3b2d1e0f9a8b7c6d5e4f3a2b1c0d';

const DETAIL = 'The tests failed before (weekOf > leap years); now all 42 tests pass.';
const VERDICTS = ['green', 'red', 'no_change', 'no_tests', 'tests_changed', 'not_proven'] as const;
const VERDICT_MEANINGS: Record<GateReport['verdict'], string> = {
  green: 'The tests pass, and they notice deliberate faults.',
  red: 'Tests fail, or tests that passed before do not run any more.',
  no_change: 'Nothing was changed.',
  no_tests: 'The test command ran no tests.',
  tests_changed: 'Existing tests or files that steer their runner were changed to pass.',
  not_proven:
    'The tests prove nothing: they miss deliberate faults, none reproduces the reported bug, or tests fail as before and none shows the change.',
};
const TREES = ['base', 'head', 'head-with-base-tests', 'base-with-head-tests'] as const;

const CANARY_KIND_MEANINGS = {
  broken_code: 'All source files fail when they are loaded.',
  failing_test: 'A failing test is added to each test file.',
};
const CANARY_RESULT_MEANINGS = {
  detected: 'The tests failed as they should.',
  missed: 'The tests passed, so they prove nothing.',
  not_possible: 'The fault could not be made for these tests.',
};

export class TestCountsDto {
  @Num('Number of passed tests.', 42) passed: number;
  @Text('Names of failed tests, 2,000 at most.', 'weekOf > leap years', { isArray: true, example: [] })
  failed: string[];
  @Num('Number of skipped tests.', 0) skipped: number;
  @Num('Total number of tests.', 42) total: number;
}

/** One execution of the repository's tests on one tree. */
export class TestExecutionDto implements TestExecution {
  @OneOf(TREES, 'Tree that was tested.', { example: 'head' })
  tree: TestExecution['tree'];
  @Text('Commit.', COMMIT) commit: string;
  @Text('Command.', 'npm test') command: string;
  @Num('Exit code; null if the command was killed.', 0, { nullable: true }) exitCode: number | null;
  @Flag('Whether the command exceeded the time limit.', false) timedOut: boolean;
  @Num('Duration in milliseconds.', 2150) durationMs: number;
  @Nested(() => TestCountsDto, 'Results by test; null if only the exit code is known.', { nullable: true })
  tests: TestCountsDto | null;
  @Text('Start and end of the output.', '42 passed') output: string;
}

/** A deliberate fault that the tests must detect. */
export class CanaryDto implements Canary {
  @OneOf(['broken_code', 'failing_test'], 'Kind of fault.', { meanings: CANARY_KIND_MEANINGS }) kind: Canary['kind'];
  @OneOf(['base', 'head'], 'Tree in which it was made.') tree: Canary['tree'];
  @OneOf(['detected', 'missed', 'not_possible'], 'Whether the tests detected it.', { meanings: CANARY_RESULT_MEANINGS })
  result: Canary['result'];
  @Text('Description of the result.', 'The tests fail when the code is broken.') detail: string;
  @Num('Duration of the tests in milliseconds; 0 if the result of an earlier run was used.', 2150) durationMs: number;
}

/** The evidence for or against a result. Its lists have 2,000 entries at most. */
export class GateReportDto implements GateReport {
  @OneOf(VERDICTS, 'The verdict.', { meanings: VERDICT_MEANINGS }) verdict: GateReport['verdict'];
  @Text('The verdict in one sentence.', DETAIL) reason: string;
  @Text('Tests that fail on head but not on base.', 'weekOf > today', { isArray: true, example: [] })
  newFailures: string[];
  @Text('Tests that fail on both base and head.', 'parse > empty', { isArray: true, example: [] })
  oldFailures: string[];
  @Text('Tests that fail on base and pass on head.', 'weekOf > leap years', { isArray: true }) fixed: string[];
  @Text('Tests that were reported on base, but not on head.', 'weekOf > today', { isArray: true, example: [] })
  missing: string[];
  @Text('Tests that ran on base and are skipped on head.', 'weekOf > today', { isArray: true, example: [] })
  skipped: string[];
  @Text(
    'For a bug, or if tests fail as before: tests that fail before the change and pass after it.',
    'weekOf > leap years',
    {
      isArray: true,
      example: [],
    },
  )
  witnesses: string[];
  @Text('Existing test files that the change altered or removed.', 'test/week.test.ts', { isArray: true, example: [] })
  alteredTests: string[];
  @Text('Changed files that steer the test runner.', 'vitest.config.ts', { isArray: true, example: [] })
  runnerFiles: string[];
  @Nested(() => CanaryDto, 'Deliberate faults that the tests had to detect.', { isArray: true }) canaries: CanaryDto[];
  @Nested(() => TestExecutionDto, 'All test executions.', { isArray: true }) executions: TestExecutionDto[];
}

/** How a run is based on another one. */
export class RunOriginDto implements RunOrigin {
  @OneOf(RUN_ORIGINS, 'How: it continues the other run, forks it, replays it, or follows up on comments on its change.')
  kind: RunOrigin['kind'];
  @Id('ID of the other run.') runId: string;
  @Num('For a fork: the first turn with a new model call.', 3, { nullable: true }) turn: number | null;
  @Text('Additional instruction for the agent.', 'Use the calendar library.', { nullable: true })
  instruction: string | null;
}

/** Where another run can continue an unfinished run. */
export class ResumePointDto implements ResumePoint {
  @Num('Version of the format.', 1) version: 1;
  @OneOf(RUN_OUTCOMES, 'Outcome of the unfinished run.', { example: 'turn_limit' }) outcome: ResumePoint['outcome'];
  @Text('Base commit.', BASE_COMMIT) baseCommit: string;
  @Text('Commit with the work so far.', COMMIT) headCommit: string;
  @Text('Branch that the commit was pushed to; null if it exists only in Teko.', 'teko/12-weeks', { nullable: true })
  branch: string | null;
  @Num('Number of model turns.', 100) turns: number;
  @OneOf(VERDICTS, 'Verdict of the gate.', { nullable: true, example: 'red' }) verdict: ResumePoint['verdict'];
  @Text('Names of failed tests.', 'weekOf > leap years', { isArray: true }) failing: string[];
}

/** Position of a run in the queue. */
export class QueuePositionDto implements QueuePosition {
  @Text('Why the run waits; null if it does not.', '3 runs are ahead of it; 2 are running.', { nullable: true })
  reason: string | null;
  @Num('Number of runs that are expected to start earlier.', 3, { nullable: true }) ahead: number | null;
  @Num('Estimated wait in seconds, based on the last 24 hours.', 90, { nullable: true }) seconds: number | null;
}

/** A write that must happen exactly once: a push, a pull request, the change stored in Teko, or a comment stored there. */
export class EffectDto implements Effect {
  @Id('Unique ID.') id: string;
  @Id('ID of the run.') runId: string;
  @Text('Idempotency key; the effect is executed once per key.', 'run:0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11:push')
  key: string;
  @OneOf(EFFECT_KINDS, 'Kind of effect.', { meanings: EFFECT_KIND_MEANINGS }) kind: Effect['kind'];
  @OneOf(EFFECT_STATUSES, 'Current status.', { meanings: EFFECT_STATUS_MEANINGS, example: 'done' })
  status: Effect['status'];
  @Data('Details of the request.', { branch: 'teko/12-weeks', headCommit: COMMIT }) request: Record<string, unknown>;
  @Data('Result of the request.', { branch: 'teko/12-weeks', commit: COMMIT }, { nullable: true }) result: Record<
    string,
    unknown
  > | null;
  @Text('Why it failed.', 'the forge cannot be reached', { nullable: true, example: null }) error: string | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

/** Continues an unfinished run. */
export class ContinueRunDto {
  @Text('Additional instruction for the agent.', 'The failing test is correct.', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(5_000, { message: 'is too long' })
  instruction?: string | null;
}

/** Forks a run at one of its turns. */
export class ForkRunDto {
  @Num('First turn with a new model call; earlier replies are reused from the recorded run.', 3)
  @IsInt({ message: 'must be a whole number' })
  turn: number;

  @Text('Model for the new run; the same model by default.', 'openai:gpt-5', { required: false, nullable: true })
  @IsOptional()
  @Matches(/^(anthropic|openai|ollama):.+$/, {
    message: 'must look like anthropic:MODEL, openai:MODEL or ollama:MODEL',
  })
  @MaxLength(200, { message: 'is too long' })
  model?: string | null;

  @Text('Additional instruction for the agent at this turn.', 'Use the calendar library.', {
    required: false,
    nullable: true,
  })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(5_000, { message: 'is too long' })
  instruction?: string | null;
}

const HIDDEN = ['leaseOwner', 'leaseToken', 'leaseExpiresAt'] as const;
type Hidden = (typeof HIDDEN)[number];

/** One execution of one agent for one task. */
export class RunDto implements Omit<Run, Hidden> {
  @Id('Unique ID.') id: string;
  @Num('Sequential number, for display.', 4) number: number;
  @Id('ID of the task.') taskId: string;
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(AGENT_TYPES, 'Type of agent.') agentType: Run['agentType'];
  @Text('ID of the language.', 'typescript', { nullable: true }) language: string | null;
  @Text('Model; fixed when the run starts.', 'anthropic:claude-sonnet-4-5', { nullable: true }) model: string | null;
  @OneOf(RUN_STATUSES, 'Current status.', { meanings: RUN_STATUS_MEANINGS, example: 'succeeded' })
  status: Run['status'];
  @OneOf(RUN_OUTCOMES, 'Outcome of the run; null until it ends.', { nullable: true, meanings: RUN_OUTCOME_MEANINGS })
  outcome: Run['outcome'];
  @Text('Description of the outcome, or why the run waits.', DETAIL, { nullable: true })
  outcomeDetail: string | null;
  @Text('Why this agent and language were chosen.', 'The repository is 91% TypeScript.') reason: string;
  @Num('Priority; higher runs first.', 20) priority: number;
  @Num('Number of the attempt for the task, from 1.', 1) attempt: number;
  @Text('Base branch.', 'main', { nullable: true }) baseBranch: string | null;
  @Text('Base commit.', BASE_COMMIT, { nullable: true }) baseCommit: string | null;
  @Text('Commit that the run created.', COMMIT, { nullable: true }) headCommit: string | null;
  @Text('Branch that the run created.', 'teko/12-weeks', { nullable: true }) branch: string | null;
  @Text('Current phase of the run; null before its start and after its end.', 'gate', {
    nullable: true,
    meanings: RUN_PHASE_MEANINGS,
    example: null,
  })
  phase: string | null;
  @Num('Number of repair rounds after a red gate.', 0) repairRound: number;
  @Num('Number of model turns.', 7) turns: number;
  @Num('Number of input tokens.', 48210) inputTokens: number;
  @Num('Number of output tokens.', 2205) outputTokens: number;
  @Num('Cost in millionths of a US dollar; null if a price is unknown.', 177705, { nullable: true })
  costMicros: number | null;
  @Nested(() => GateReportDto, 'Result of the gate.', { nullable: true }) gate: GateReportDto | null;
  @Text("The agent's own summary of its work.", 'Counts ISO weeks.', { nullable: true }) summary: string | null;
  @Text('Kind of sandbox.', 'bubblewrap', { nullable: true }) sandbox: string | null;
  @When('When cancellation was requested.', { nullable: true, example: null }) cancelRequestedAt: Date | null;
  @Id('ID of the user who requested it; null for Teko itself.', { nullable: true }) requestedById: string | null;
  @Num('Milliseconds that it waited after its start: for human input, its model, the forge or a worker.', 0)
  waitedMs: number;
  @When('When it resumes if it waits for its model or the forge.', { nullable: true, example: null })
  resumeAt: Date | null;
  @Num('Number of times it waited for its model or the forge.', 0) pauses: number;
  @Num('Number of times the process of a worker died while it executed the run.', 0) workerDeaths: number;
  @Text(
    'Key of the external event that triggered it, such as `issue_comment:<forgeId>:<id>`; null if it was started in Teko.',
    'issue_comment:186853002:492700400',
    { nullable: true },
  )
  triggerKey: string | null;
  @Nested(() => RunOriginDto, 'The run that it is based on.', { nullable: true, example: null })
  origin: RunOriginDto | null;
  @Nested(() => ResumePointDto, 'Where another run can continue after a limit ended this one.', {
    nullable: true,
    example: null,
  })
  resumePoint: ResumePointDto | null;
  @Flag('Whether it belongs to the demo workspace.', false) demo: boolean;
  @When('When it was queued.') queuedAt: Date;
  @When('When it started.', { nullable: true }) startedAt: Date | null;
  @When('When it finished.', { nullable: true, example: '2026-11-23T09:38:00.000Z' }) finishedAt: Date | null;
  @When('When it was created.') createdAt: Date;
  @When('When it was last updated.') updatedAt: Date;
}

/** Removes the lease, which is internal. */
export function toRunDto(run: Run): RunDto {
  const shown: Partial<Run> = { ...run, gate: run.gate && completeGateReport(run.gate) };
  for (const field of HIDDEN) delete shown[field];
  return shown as RunDto;
}

/** One step of a run. */
export class StepDto implements Step {
  @Id('Unique ID.') id: string;
  @Id('ID of the run.') runId: string;
  @Num('Order in the run, from 1.', 3) seq: number;
  @Text('Key, unique within the run.', 'tool:3:call_1') key: string;
  @OneOf(STEP_KINDS, 'Kind of step.', { example: 'tool' }) kind: Step['kind'];
  @OneOf(STEP_STATUSES, 'Current status.', { example: 'done' }) status: Step['status'];
  @Text('Description.', 'run_command') title: string;
  @Data('Input such as tool arguments, redacted.', { command: 'npm test' }, { nullable: true }) input: Record<
    string,
    unknown
  > | null;
  @Text('Output, redacted and truncated.', '42 passed', { nullable: true }) output: string | null;
  @Data(
    'Structured data such as exit code or tokens.',
    { exitCode: 0, timedOut: false, durationMs: 2150 },
    { nullable: true },
  )
  data: Record<string, unknown> | null;
  @When('When it started.') startedAt: Date;
  @When('When it finished.', { nullable: true, example: '2026-11-23T09:38:00.000Z' }) finishedAt: Date | null;
}

/** Removes the results by test, which only the gate needs. */
export function toStepDto(step: Step): StepDto {
  if (step.kind !== 'gate' || !step.data) return step;
  return { ...step, data: { execution: step.data.execution } };
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
