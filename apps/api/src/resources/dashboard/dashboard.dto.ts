import { Counts, Flag, Nested, Num } from '../../http/fields';
import { RunDto } from '../runs/run.dto';

export class QueueCountsDto {
  @Num('Number of queued runs.', 2) queued: number;
  @Num('Number of running runs.', 1) active: number;
}

/** Overview of current activity. */
export class DashboardDto {
  @Counts('Number of runs by status.', { running: 1, succeeded: 12 }) runs: Record<string, number>;
  @Counts('Number of tasks by status.', { new: 1, done: 9 }) tasks: Record<string, number>;
  @Nested(() => QueueCountsDto, 'The run queue; null if it is unreachable.', { nullable: true })
  queue: QueueCountsDto | null;
  @Nested(() => RunDto, 'The ten newest runs.', { isArray: true }) recentRuns: RunDto[];
  @Flag('Whether the demo workspace exists.', true) demo: boolean;
}
