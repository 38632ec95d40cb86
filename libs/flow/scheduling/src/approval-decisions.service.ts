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

/** Who decides: a Teko user, a user on the forge, or both if the accounts are linked. */
export interface Decider {
  userId: string | null;
  login: string | null;
  name: string;
}

/** Records human decisions on the approvals that runs wait for. */
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

  /** Returns the pending approval of a run. Throws ConflictError if there is none. */
  async pending(runId: string): Promise<Approval> {
    const run = await this.runs.findById(runId);
    if (!run) throw new NotFoundError('run', runId);
    const [approval] = await this.approvals.findByRun(runId);
    if (isFinal(run.status) || approval?.status !== 'pending')
      throw new ConflictError('this run is not waiting for approval');
    return approval;
  }

  /**
   * Decides the pending approval and resumes the run. Throws ConflictError if `subjectHash` is not that of the latest
   * request, or if somebody else has decided first.
   */
  async decide(
    runId: string,
    input: { subjectHash: string; decision: 'approved' | 'rejected'; note?: string | null },
    decider: Decider,
  ): Promise<Approval> {
    const approval = await this.pending(runId);
    if (approval.subjectHash !== input.subjectHash) {
      throw new ConflictError('the request for approval has changed since; review it again', {
        approvalId: approval.id,
      });
    }
    await this.requireAllowedApprover(approval, (await this.runs.findById(runId))!, decider);
    const decision = {
      status: input.decision,
      decidedById: decider.userId,
      decidedByName: decider.name,
      note: input.note?.trim() || null,
      decidedAt: this.clock.now(),
    };
    if (!(await this.approvals.decide(approval.id, decision)))
      throw new ConflictError('somebody else has already decided');
    await this.scheduling.resume(runId);
    return { ...approval, ...decision };
  }

  /** Throws `forbidden` if another approver than the requester was required when the approval was requested. */
  private async requireAllowedApprover(
    { taskId, repositoryId, approvers }: Approval,
    run: Run,
    { userId, login }: Decider,
  ): Promise<void> {
    const repository = await this.repositories.findById(repositoryId);
    if (!repository) throw new NotFoundError('repository', repositoryId);
    if ((approvers ?? repository.approvers) !== 'others') return;
    const task = await this.tasks.findById(taskId);
    const isRequester = userId !== null && [run.requestedById, task?.createdById].includes(userId);
    if (isRequester || (login !== null && task?.requestedBy === login)) {
      throw new DomainError('forbidden', 'You requested this work, so somebody else must approve it.');
    }
  }
}
