import {
  AGENT_TYPES,
  EFFECT_KINDS,
  EFFECT_STATUSES,
  RUN_ORIGINS,
  RUN_OUTCOMES,
  RUN_STATUSES,
  STEP_KINDS,
  STEP_STATUSES,
} from '@teko/contracts';
import type { Effect, GateReport, ResumePoint, Run, RunOrigin, Step, TestExecution } from '@teko/domain';
import type { QueuePlace } from '@teko/scheduling';
import { IsInt, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Data, Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';
import { listQueryOf } from '../../http/list-query.dto';

const COMMIT = '3f2a9c1d0b7e4f5a6c8d9e0f1a2b3c4d5e6f7a8b';

const VERDICTS = ['green', 'red', 'no_change', 'no_tests', 'tests_changed'] as const;

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
  @OneOf(VERDICTS, 'The verdict.') verdict: GateReport['verdict'];
  @Text('The verdict in one sentence.', '1 failing test passes now and none fails.') reason: string;
  @Text('Failing on head but not on base.', 'weekOf > today', { isArray: true }) newFailures: string[];
  @Text('Failing on both.', 'parse > empty', { isArray: true }) oldFailures: string[];
  @Text('Failing on base and passing on head.', 'weekOf > leap years', { isArray: true }) fixed: string[];
  @Text('Test files that the change altered.', 'test/week.test.ts', { isArray: true }) alteredTests: string[];
  @Nested(() => TestExecutionDto, 'What was executed.', { isArray: true }) executions: TestExecutionDto[];
}

/** How a run comes from another one. */
export class RunOriginDto implements RunOrigin {
  @OneOf(RUN_ORIGINS, 'It goes on from the run, asks it differently, or plays it again.') kind: RunOrigin['kind'];
  @Id('That run.') runId: string;
  @Num('A fork: the first turn that is asked anew.', 3, { nullable: true }) turn: number | null;
  @Text('What the agent is told besides.', 'Use the calendar library.', { nullable: true }) instruction: string | null;
}

/** Where a run that did not finish can go on. */
export class ResumePointDto implements ResumePoint {
  @Num('Version of this note.', 1) version: 1;
  @OneOf(RUN_OUTCOMES, 'How it ended.') outcome: ResumePoint['outcome'];
  @Text('Commit it started from.', COMMIT) baseCommit: string;
  @Text('The work so far.', COMMIT) headCommit: string;
  @Text('Branch it was put on; null where it was only kept.', 'teko/12-weeks', { nullable: true }) branch:
    string | null;
  @Num('Turns of the model.', 100) turns: number;
  @OneOf(VERDICTS, 'What the gate said.', { nullable: true }) verdict: ResumePoint['verdict'];
  @Text('Tests that failed.', 'weekOf > leap years', { isArray: true }) failing: string[];
}

/** Why a run waits. */
export class QueuePlaceDto implements QueuePlace {
  @Text('In words; null where it does not wait.', '3 runs are before it; 2 are at work.', { nullable: true })
  reason: string | null;
  @Num('Runs that begin before it, as things stand.', 3, { nullable: true }) ahead: number | null;
  @Num('Seconds: a rough guess from the last day.', 90, { nullable: true }) seconds: number | null;
}

/** One intended outside change of a run. */
export class EffectDto implements Effect {
  @Id('Identifier.') id: string;
  @Id('Run.') runId: string;
  @Text('It is done once for each.', 'run:0193a5c2-7d10-7c3a-9d52-5b8e1f0a4c11:push') key: string;
  @OneOf(EFFECT_KINDS, 'What is done.') kind: Effect['kind'];
  @OneOf(EFFECT_STATUSES, 'Where it stands.') status: Effect['status'];
  @Data('What was to be done.', { branch: 'teko/12-weeks' }) request: Record<string, unknown>;
  @Data('What came of it.', { commit: COMMIT }, { nullable: true }) answer: Record<string, unknown> | null;
  @Text('Why it failed.', 'the forge cannot be reached', { nullable: true }) error: string | null;
  @When('Intended.') createdAt: Date;
  @When('Last changed.') updatedAt: Date;
}

/** Goes on with what a run left. */
export class ContinueRunDto {
  @Text('What the agent is told besides.', 'The failing test is right.', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(5_000, { message: 'is too long' })
  instruction?: string | null;
}

/** Asks a run differently from one of its turns on. */
export class ForkRunDto {
  @Num('First turn that is asked anew; those before it are taken from the record.', 3)
  @IsInt({ message: 'must be a whole number' })
  turn: number;

  @Text('Another model.', 'openai:gpt-5', { required: false, nullable: true })
  @IsOptional()
  @Matches(/^(anthropic|openai|ollama):.+$/, {
    message: 'must look like anthropic:MODEL, openai:MODEL or ollama:MODEL',
  })
  @MaxLength(200, { message: 'is too long' })
  model?: string | null;

  @Text('What the agent is told at that turn.', 'Use the calendar library.', { required: false, nullable: true })
  @IsOptional()
  @IsString({ message: 'must be text' })
  @MaxLength(5_000, { message: 'is too long' })
  instruction?: string | null;
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
  @Num('Milliseconds that it waited after it had begun: for people, its model, the forge or a worker.', 0)
  waitedMs: number;
  @When('When it goes on, where it waits for its model.', { nullable: true }) resumeAt: Date | null;
  @Num('How often it waited for its model.', 0) pauses: number;
  @Text('What asked for it outside; null where it was asked for in Teko.', 'github:186853002:issue_comment:1811', {
    nullable: true,
  })
  triggerKey: string | null;
  @Nested(() => RunOriginDto, 'The run that it comes from.', { nullable: true }) origin: RunOriginDto | null;
  @Nested(() => ResumePointDto, 'Where one that a limit ended can go on.', { nullable: true })
  resumePoint: ResumePointDto | null;
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
