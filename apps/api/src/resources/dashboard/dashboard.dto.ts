import { Counts, Flag, Nested, Num } from '../../http/fields';
import { RunDto } from '../runs/run.dto';

export class QueueCountsDto {
  @Num('Waiting.', 2) waiting: number;
  @Num('At work.', 1) active: number;
}

/** What goes on, at a glance. */
export class DashboardDto {
  @Counts('Runs by status.', { running: 1, succeeded: 12 }) runs: Record<string, number>;
  @Counts('Tasks by status.', { new: 1, done: 9 }) tasks: Record<string, number>;
  @Nested(() => QueueCountsDto, 'The run queue; null when it does not answer.', { nullable: true })
  queue: QueueCountsDto | null;
  @Nested(() => RunDto, 'The ten newest runs.', { isArray: true }) recentRuns: RunDto[];
  @Flag('The demo workspace is there.', true) demo: boolean;
}
