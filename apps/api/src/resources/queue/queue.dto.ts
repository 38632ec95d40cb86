import { AGENT_TYPES, RUN_OUTCOMES, type AgentType, type RunOutcome } from '@teko/contracts';
import { Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';

export class HeldRunDto {
  @Id('Run.') runId: string;
  @Num('Short number of the run.', 12) number: number;
  @Text('Stage it is in.', 'gate', { nullable: true }) phase: string | null;
  @When('Until when the worker holds it; renewed while it lives.', { nullable: true }) leaseExpiresAt: Date | null;
  @Num('Grows by one each time the run is taken; a late worker’s writes are refused by it.', 1) leaseToken: number;
  @When('Started.', { nullable: true }) startedAt: Date | null;
}

/** A worker process that holds runs. */
export class WorkerDto {
  @Text('Host, process and a random part.', 'build-1:4711:1f0c2a9b') id: string;
  @Flag('A lease of it has run out: it died, or cannot reach the database.', false) late: boolean;
  @Nested(() => HeldRunDto, 'What it works on.', { isArray: true }) runs: HeldRunDto[];
}

export class QueueHourDto {
  @When('Begin of the hour, in UTC.') hour: Date;
  @Num('Runs that succeeded.', 4) succeeded: number;
  @Num('Runs that failed.', 1) failed: number;
  @Num('Runs that were cancelled.', 0) cancelled: number;
  @Num('Median milliseconds in the queue; null when nothing ended.', 420, { nullable: true }) medianWaitMs:
    number | null;
  @Num('Median milliseconds of work; null when nothing ended.', 48_210, { nullable: true }) medianRunMs: number | null;
}

/** A run that failed lately. */
export class FailedRunDto {
  @Id('Run.') id: string;
  @Num('Short number of the run.', 12) number: number;
  @Id('Task.') taskId: string;
  @Id('Repository.') repositoryId: string;
  @OneOf(RUN_OUTCOMES, 'How it ended.', { nullable: true }) outcome: RunOutcome | null;
  @Text('In words.', 'The agent changed nothing.', { nullable: true }) outcomeDetail: string | null;
  @When('Ended.', { nullable: true }) finishedAt: Date | null;
}

export class FailureDto {
  @OneOf(RUN_OUTCOMES, 'How the runs ended.') outcome: RunOutcome;
  @Num('How many.', 2) count: number;
}

/** The queue of one agent type. */
export class AgentQueueDto {
  @OneOf(AGENT_TYPES, 'Agent.') agentType: AgentType;
  @Num('Waiting.', 2) waiting: number;
  @Num('At work.', 1) active: number;
}

/** The run queue, who works on it, and the last 24 hours. */
export class QueueDto {
  @Flag('Nothing is handed out until it is resumed.', false) paused: boolean;
  @Num('Waiting.', 2) waiting: number;
  @Num('At work.', 1) active: number;
  @Nested(() => AgentQueueDto, 'The queue of each agent.', { isArray: true }) agents: AgentQueueDto[];
  @Nested(() => WorkerDto, 'Workers that hold runs.', { isArray: true }) workers: WorkerDto[];
  @Nested(() => QueueHourDto, 'Hour by hour, the oldest first.', { isArray: true }) hours: QueueHourDto[];
  @Nested(() => FailedRunDto, 'The last that failed, the newest first.', { isArray: true }) failed: FailedRunDto[];
  @Nested(() => FailureDto, 'Failed runs by how they ended, the most first.', { isArray: true }) failures: FailureDto[];
  @Num('Median milliseconds in the queue; null when nothing ended.', 420, { nullable: true }) medianWaitMs:
    number | null;
  @Num('Median milliseconds of work; null when nothing ended.', 48_210, { nullable: true }) medianRunMs: number | null;
}
