import { Inject, Injectable } from '@nestjs/common';
import {
  ApprovalRepository,
  Clock,
  ConflictError,
  DomainError,
  isFinal,
  RepositoryRepository,
  RunRepository,
  TaskRepository,
  type Approval,
  type Run,
} from '@teko/domain';
import type { Identity } from '@teko/identity';
import { SchedulingService } from '@teko/scheduling';
import { found } from '../../http/found';
import type { DecideApprovalDto } from './approval.dto';

/** Takes people's answers to what runs wait for. */
@Injectable()
export class ApprovalsService {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Decides what the run waits for and lets it go on. Refuses an answer to anything but what was asked last. */
  async decide(runId: string, input: DecideApprovalDto, { user }: Identity): Promise<Approval> {
    const run = await found('run', runId, this.runs.findById(runId));
    const [approval] = await this.approvals.findByRun(runId);
    if (isFinal(run.status) || approval?.status !== 'pending')
      throw new ConflictError('this run waits for no approval');
    if (approval.subjectHash !== input.subjectHash) {
      throw new ConflictError('the run asks about something else by now; look at it again', {
        approvalId: approval.id,
      });
    }
    await this.requireOther(approval, run, user.id);
    const decision = {
      status: input.decision,
      decidedById: user.id,
      decidedByName: user.name,
      note: input.note?.trim() || null,
      decidedAt: this.clock.now(),
    };
    if (!(await this.approvals.decide(approval.id, decision))) throw new ConflictError('somebody was first');
    await this.scheduling.resume(runId);
    return { ...approval, ...decision };
  }

  /** Where the repository says so, who asked for the work does not approve it. */
  private async requireOther({ taskId, repositoryId }: Approval, run: Run, userId: string): Promise<void> {
    const repository = await found('repository', repositoryId, this.repositories.findById(repositoryId));
    if (repository.approvers !== 'others') return;
    const task = await this.tasks.findById(taskId);
    if (run.requestedById === userId || task?.createdById === userId) {
      throw new DomainError('forbidden', 'You asked for this work, so somebody else has to approve it.');
    }
  }
}
