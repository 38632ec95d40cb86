import { Inject, Injectable } from '@nestjs/common';
import {
  ApprovalRepository,
  Clock,
  ConflictError,
  DomainError,
  isFinal,
  NotFoundError,
  RepositoryRepository,
  RunRepository,
  TaskRepository,
  type Approval,
  type Run,
} from '@teko/domain';
import { SchedulingService } from './scheduling.service';

/** Who answers: a user of Teko, somebody on the forge, or both in one. */
export interface Decider {
  userId: string | null;
  login: string | null;
  name: string;
}

/** Takes people's answers to what runs wait for. */
@Injectable()
export class ApprovalDecisions {
  constructor(
    @Inject(ApprovalRepository) private readonly approvals: ApprovalRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** What the run waits for. Throws ConflictError where it waits for no approval. */
  async pending(runId: string): Promise<Approval> {
    const run = await this.runs.findById(runId);
    if (!run) throw new NotFoundError('run', runId);
    const [approval] = await this.approvals.findByRun(runId);
    if (isFinal(run.status) || approval?.status !== 'pending')
      throw new ConflictError('this run waits for no approval');
    return approval;
  }

  /** Decides what the run waits for and lets it go on. Refuses an answer to anything but what was asked last. */
  async decide(
    runId: string,
    input: { subjectHash: string; decision: 'approved' | 'rejected'; note?: string | null },
    decider: Decider,
  ): Promise<Approval> {
    const approval = await this.pending(runId);
    if (approval.subjectHash !== input.subjectHash) {
      throw new ConflictError('the run asks about something else by now; look at it again', {
        approvalId: approval.id,
      });
    }
    await this.requireOther(approval, (await this.runs.findById(runId))!, decider);
    const decision = {
      status: input.decision,
      decidedById: decider.userId,
      decidedByName: decider.name,
      note: input.note?.trim() || null,
      decidedAt: this.clock.now(),
    };
    if (!(await this.approvals.decide(approval.id, decision))) throw new ConflictError('somebody was first');
    await this.scheduling.resume(runId);
    return { ...approval, ...decision };
  }

  /** Where the repository says so, who asked for the work does not approve it. */
  private async requireOther({ taskId, repositoryId }: Approval, run: Run, { userId, login }: Decider): Promise<void> {
    const repository = await this.repositories.findById(repositoryId);
    if (!repository) throw new NotFoundError('repository', repositoryId);
    if (repository.approvers !== 'others') return;
    const task = await this.tasks.findById(taskId);
    const asked = userId !== null && [run.requestedById, task?.createdById].includes(userId);
    if (asked || (login !== null && task?.requestedBy === login)) {
      throw new DomainError('forbidden', 'You asked for this work, so somebody else has to approve it.');
    }
  }
}
