import { Inject, Injectable } from '@nestjs/common';
import {
  answersTo,
  ApprovalRepository,
  Clock,
  CommentRepository,
  isQuestionOf,
  RunRepository,
  type Run,
} from '@teko/domain';
import { SchedulingService } from './scheduling.service';

const MAX_RUNS = 500;
const MAX_COMMENTS = 200;

/** Resumes runs that wait, also where the message that would have resumed them was lost. */
@Injectable()
export class WaitingRuns {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Resumes the runs whose time has come or whose question is answered; cancels those with a request to cancel. */
  async resumeDue(): Promise<void> {
    for (const run of await this.runs.findWaiting(MAX_RUNS)) {
      if (run.cancelRequestedAt) await this.scheduling.requestCancel(run.id);
      else if (await this.isDue(run)) await this.scheduling.resume(run.id);
    }
  }

  private async isDue(run: Run): Promise<boolean> {
    return run.resumeAt ? run.resumeAt <= this.clock.now() : this.isAnswered(run);
  }

  /** By a decision on what it asks about, or by a comment after its question. */
  private async isAnswered({ id, taskId }: Run): Promise<boolean> {
    const [newest] = await this.approvals.findByRun(id);
    if (newest?.status === 'pending') return false;
    const latest = await this.comments.findLatest(taskId, MAX_COMMENTS);
    const answers = answersTo(latest, (comment) => isQuestionOf(id, comment));
    return answers ? answers.length > 0 : newest !== undefined;
  }
}
