import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RepositoryRepository, RunQueue, RunRepository, sumCounts, TaskRepository } from '@teko/domain';
import { Endpoint } from '../../http/endpoint.decorator';
import { withTimeout } from '../../http/with-timeout';
import { ReadableWithin } from '../../http/readable.decorator';
import { toRunDto } from '../runs/run.dto';
import { DashboardDto } from './dashboard.dto';

const newest = { page: 1, sort: 'createdAt', order: 'DESC' } as const;

@ApiTags('dashboard')
@Controller('api/v1/dashboard')
export class DashboardController {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(RunQueue) private readonly queue: RunQueue,
  ) {}

  @Get()
  @Endpoint({ summary: 'Get the dashboard', can: ['read', 'Dashboard'], ok: DashboardDto })
  async show(
    @ReadableWithin('Run') runsWithin?: string[],
    @ReadableWithin('Task') tasksWithin?: string[],
    @ReadableWithin('Repository') within?: string[],
  ): Promise<DashboardDto> {
    const [runs, tasks, queue, recent, demo] = await Promise.all([
      this.runs.countByStatus(runsWithin),
      this.tasks.countByStatus(tasksWithin),
      withTimeout(async () => sumCounts(await this.queue.counts())).catch(() => null),
      this.runs.list({ ...newest, perPage: 10, filters: {}, within: runsWithin }),
      this.repositories.list({ ...newest, perPage: 1, filters: { demo: ['true'] }, within }),
    ]);
    return { runs, tasks, queue, recentRuns: recent.data.map(toRunDto), demo: demo.total > 0 };
  }
}
