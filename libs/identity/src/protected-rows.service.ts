import { Inject, Injectable } from '@nestjs/common';
import type { Subject } from '@teko/contracts';
import {
  ApprovalRepository,
  BudgetRepository,
  ChangeRepository,
  CommentRepository,
  FindingRepository,
  InsightRepository,
  RepositoryGrantRepository,
  RepositoryRepository,
  RoleRepository,
  RunRepository,
  TaskRepository,
  UserRepository,
  WebhookEventRepository,
  type WebhookEvent,
} from '@teko/domain';

/** The row of a route's `:id`, and its repository. */
export interface ProtectedRow {
  row: object;
  repositoryId: string | null;
}

type Found = { id: string; repositoryId?: string | null } | null;

/** Finds the rows of route parameters, so that access is checked before a route runs. */
@Injectable()
export class ProtectedRows {
  private readonly finders: Partial<Record<Subject, (id: string) => Promise<ProtectedRow | null>>>;

  constructor(
    @Inject(RepositoryRepository) repositories: RepositoryRepository,
    @Inject(TaskRepository) tasks: TaskRepository,
    @Inject(CommentRepository) comments: CommentRepository,
    @Inject(RunRepository) runs: RunRepository,
    @Inject(ChangeRepository) changes: ChangeRepository,
    @Inject(ApprovalRepository) approvals: ApprovalRepository,
    @Inject(FindingRepository) findings: FindingRepository,
    @Inject(InsightRepository) insights: InsightRepository,
    @Inject(UserRepository) users: UserRepository,
    @Inject(RoleRepository) roles: RoleRepository,
    @Inject(RepositoryGrantRepository) grants: RepositoryGrantRepository,
    @Inject(BudgetRepository) budgets: BudgetRepository,
    @Inject(WebhookEventRepository) webhookEvents: WebhookEventRepository,
  ) {
    const withRepository = (find: (id: string) => Promise<Found>) => async (id: string) => {
      const row = await find(id);
      return row && { row, repositoryId: row.repositoryId ?? null };
    };
    const withoutRepository = (find: (id: string) => Promise<Found>) => async (id: string) => {
      const row = await find(id);
      return row && { row, repositoryId: null };
    };
    this.finders = {
      Repository: async (id) => {
        const row = await repositories.findById(id);
        return row && { row, repositoryId: row.id };
      },
      Task: withRepository((id) => tasks.findById(id)),
      Run: withRepository((id) => runs.findById(id)),
      Approval: withRepository((id) => approvals.findById(id)),
      Change: withRepository((id) => changes.findById(id)),
      Finding: withRepository((id) => findings.findById(id)),
      Insight: withRepository((id) => insights.findById(id)),
      Comment: async (id) => {
        const row = await comments.findById(id);
        const task = row && (await tasks.findById(row.taskId));
        return task && { row, repositoryId: task.repositoryId };
      },
      User: withoutRepository((id) => users.findById(id)),
      Role: withoutRepository((id) => roles.findById(id)),
      Budget: withoutRepository((id) => budgets.findById(id)),
      RepositoryGrant: withoutRepository((id) => grants.findById(id)),
      WebhookEvent: withoutRepository(async (id) => {
        const event = await webhookEvents.findById(id);
        return event && withoutPayload(event);
      }),
    };
  }

  /** Returns null if there is no such row. Throws for a subject without a finder. */
  async find(subject: Subject, id: string): Promise<ProtectedRow | null> {
    const find = this.finders[subject];
    if (!find) throw new Error(`a route has an :id of ${subject}, for which there is no finder`);
    return find(id);
  }

  has(subject: Subject): boolean {
    return subject in this.finders;
  }
}

/** Audit log entries must not contain untrusted text. */
function withoutPayload({ payload: _payload, ...event }: WebhookEvent): Omit<WebhookEvent, 'payload'> {
  return event;
}
