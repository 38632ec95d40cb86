import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  CommentRepository,
  FindingRepository,
  InsightRepository,
  RepositoryRepository,
  RunRepository,
  StepRepository,
  TaskRepository,
  type StoredEvent,
} from '@teko/domain';
import { insightDto } from '../insights/insight.dto';
import { toRunDto, toStepDto } from '../runs/run.dto';

/** Loads the row of an event in the format of the API. */
@Injectable()
export class EventRows {
  constructor(
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(StepRepository) private readonly steps: StepRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(FindingRepository) private readonly findings: FindingRepository,
    @Inject(InsightRepository) private readonly insights: InsightRepository,
  ) {}

  /** Returns the row, or null if it was deleted. */
  async find({ type, subjectId }: Pick<StoredEvent, 'type' | 'subjectId'>): Promise<object | null> {
    switch (type) {
      case 'repository':
        return this.repositories.findById(subjectId);
      case 'task':
        return this.tasks.findById(subjectId);
      case 'comment':
        return this.comments.findById(subjectId);
      case 'run': {
        const run = await this.runs.findById(subjectId);
        return run && toRunDto(run);
      }
      case 'step': {
        const step = await this.steps.findById(subjectId);
        return step && toStepDto(step);
      }
      case 'change':
        return this.changes.findById(subjectId);
      case 'finding':
        return this.findings.findById(subjectId);
      case 'insight': {
        const insight = await this.insights.findById(subjectId);
        return insight && insightDto(insight);
      }
    }
  }
}
