import { AGENT_TYPES, RUN_OUTCOMES, type AgentType, type RunOutcome } from '@teko/contracts';
import { Flag, Id, Nested, Num, OneOf, Text, When } from '../../http/fields';

export class LeasedRunDto {
  @Id('ID of the run.') runId: string;
  @Num('Sequential number of the run.', 12) number: number;
  @Text('Current phase of the run.', 'gate', { nullable: true }) phase: string | null;
  @When('When the lease of the worker expires; renewed while the worker is alive.', { nullable: true })
  leaseExpiresAt: Date | null;
  @Num('Fencing token, incremented with each claim of the run; writes with an older token are rejected.', 1)
  leaseToken: number;
  @When('When it started.', { nullable: true }) startedAt: Date | null;
}

/** A worker process that executes runs. */
export class WorkerDto {
  @Text('Worker ID: host name, process ID and a random suffix.', 'build-1:4711:1f0c2a9b') id: string;
  @Flag('Whether one of its leases has expired: the worker has crashed or cannot reach the database.', false)
  late: boolean;
  @Nested(() => LeasedRunDto, 'Runs that the worker is executing.', { isArray: true }) runs: LeasedRunDto[];
}

export class QueueHourDto {
  @When('Start of the hour, in UTC.') hour: Date;
  @Num('Number of succeeded runs.', 4) succeeded: number;
  @Num('Number of failed runs.', 1) failed: number;
  @Num('Number of cancelled runs.', 0) cancelled: number;
  @Num('Median milliseconds in the queue; null when nothing ended.', 420, { nullable: true }) medianWaitMs:
    number | null;
  @Num('Median milliseconds of work; null when nothing ended.', 48_210, { nullable: true }) medianRunMs: number | null;
}

/** A recently failed run. */
export class FailedRunDto {
  @Id('ID of the run.') id: string;
  @Num('Sequential number of the run.', 12) number: number;
  @Id('ID of the task.') taskId: string;
  @Id('ID of the repository.') repositoryId: string;
  @OneOf(RUN_OUTCOMES, 'Outcome of the run.', { nullable: true, example: 'no_change' }) outcome: RunOutcome | null;
  @Text('Description of the outcome.', 'The agent changed nothing.', { nullable: true }) outcomeDetail: string | null;
  @When('When it finished.', { nullable: true }) finishedAt: Date | null;
}

export class FailureDto {
  @OneOf(RUN_OUTCOMES, 'Outcome of the runs.', { example: 'no_change' }) outcome: RunOutcome;
  @Num('Number of runs.', 2) count: number;
}

/** The queue of one agent type. */
export class AgentQueueDto {
  @OneOf(AGENT_TYPES, 'Type of agent.') agentType: AgentType;
  @Num('Number of queued runs.', 2) queued: number;
  @Num('Number of running runs.', 1) active: number;
}

/** The run queue, its workers, and statistics of the last 24 hours. */
export class QueueDto {
  @Flag('Whether the queue is paused.', false) paused: boolean;
  @Num('Number of queued runs.', 2) queued: number;
  @Num('Number of running runs.', 1) active: number;
  @Nested(() => AgentQueueDto, 'The queues by type of agent.', { isArray: true }) agents: AgentQueueDto[];
  @Nested(() => WorkerDto, 'Workers that execute runs.', { isArray: true }) workers: WorkerDto[];
  @Nested(() => QueueHourDto, 'Statistics by hour, oldest first.', { isArray: true }) hours: QueueHourDto[];
  @Nested(() => FailedRunDto, 'Recently failed runs, newest first.', { isArray: true }) failed: FailedRunDto[];
  @Nested(() => FailureDto, 'Number of failed runs by outcome, most frequent first.', { isArray: true })
  failures: FailureDto[];
  @Num('Median milliseconds in the queue; null when nothing ended.', 420, { nullable: true }) medianWaitMs:
    number | null;
  @Num('Median milliseconds of work; null when nothing ended.', 48_210, { nullable: true }) medianRunMs: number | null;
}
