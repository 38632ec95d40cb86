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

/** Resumes waiting runs, even if the event that should have resumed them was missed. */
@Injectable()
export class WaitingRuns {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Resumes runs whose waiting time is over or whose question is answered. Cancels runs with a cancel request. */
  async resumeDue(): Promise<void> {
    for (const run of await this.runs.findWaiting(MAX_RUNS)) {
      if (run.cancelRequestedAt) await this.scheduling.requestCancel(run.id);
      else if (await this.isDue(run)) await this.scheduling.resume(run.id);
    }
  }

  private async isDue(run: Run): Promise<boolean> {
    return run.resumeAt ? run.resumeAt <= this.clock.now() : this.isAnswered(run);
  }

  /** Returns true if the approval was decided or a comment answers the question. */
  private async isAnswered({ id, taskId }: Run): Promise<boolean> {
    const [newest] = await this.approvals.findByRun(id);
    if (newest?.status === 'pending') return false;
    const latest = await this.comments.findLatest(taskId, MAX_COMMENTS);
    const answers = answersTo(latest, (comment) => isQuestionOf(id, comment));
    return answers ? answers.length > 0 : newest !== undefined;
  }
}
