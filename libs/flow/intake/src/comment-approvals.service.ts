import { Inject, Injectable } from '@nestjs/common';
import {
  ConflictError,
  DomainError,
  RunRepository,
  type ExternalComment,
  type Repository,
  type Task,
} from '@teko/domain';
import { AuditLog, UnitOfWork } from '@teko/platform';
import { ApprovalDecisions } from '@teko/scheduling';
import { ExternalUserAccess } from './external-user-access.service';

/** The clocks of the forge and of this host may differ by this much. */
const MAX_CLOCK_SKEW_MS = 5_000;
const MAX_NOTE_LENGTH = 2_000;

/** Approves and rejects by comments on the forge. */
@Injectable()
export class CommentApprovals {
  constructor(
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(ApprovalDecisions) private readonly decisions: ApprovalDecisions,
    @Inject(ExternalUserAccess) private readonly userAccess: ExternalUserAccess,
    @Inject(AuditLog) private readonly auditLog: AuditLog,
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Decides the pending approval of a task, with an entry in the audit log. Throws `forbidden` if the author cannot approve,
   * ConflictError if nothing waits for approval or if it was requested after the comment was posted.
   */
  async decide(
    repository: Repository,
    task: Task,
    { author, createdAt, url }: ExternalComment,
    { decision, text }: { decision: 'approved' | 'rejected'; text: string },
  ): Promise<void> {
    const denialReason = await this.userAccess.denialReason(repository, author, 'approve:Run');
    if (denialReason) throw new DomainError('forbidden', denialReason);
    const run = (await this.runs.findByTask(task.id)).find(({ status }) => status === 'waiting');
    if (!run) throw new ConflictError(`task ${task.number} is not waiting for approval`);
    const approval = await this.decisions.pending(run.id);
    if (approval.createdAt.getTime() > createdAt.getTime() + MAX_CLOCK_SKEW_MS)
      throw new ConflictError('the request for approval has changed since; review it again');
    const { id: userId, name } = await this.userAccess.actor(author);
    const { subjectHash } = approval;
    const note = text.slice(0, MAX_NOTE_LENGTH) || null;
    await this.unitOfWork.run(async () => {
      await this.decisions.decide(run.id, { subjectHash, decision, note }, { userId, login: author.login, name });
      await this.auditLog.record({
        actorId: userId,
        actorName: name,
        action: 'approvals.decide',
        subjectType: 'Run',
        subjectId: run.id,
        repositoryId: repository.id,
        after: { approvalId: approval.id, subjectHash, status: decision, note, login: author.login, commentUrl: url },
      });
    });
  }
}
