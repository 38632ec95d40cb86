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

/** A row that a route's `:id` names, and the repository it belongs to. */
export interface ProtectedRow {
  row: object;
  repositoryId: string | null;
}

type Found = { id: string; repositoryId?: string | null } | null;

/** Finds the rows that routes name, so that access is decided before a route runs. */
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
    const ofRepository = (find: (id: string) => Promise<Found>) => async (id: string) => {
      const row = await find(id);
      return row && { row, repositoryId: row.repositoryId ?? null };
    };
    const ofNone = (find: (id: string) => Promise<Found>) => async (id: string) => {
      const row = await find(id);
      return row && { row, repositoryId: null };
    };
    this.finders = {
      Repository: async (id) => {
        const row = await repositories.findById(id);
        return row && { row, repositoryId: row.id };
      },
      Task: ofRepository((id) => tasks.findById(id)),
      Run: ofRepository((id) => runs.findById(id)),
      Approval: ofRepository((id) => approvals.findById(id)),
      Change: ofRepository((id) => changes.findById(id)),
      Finding: ofRepository((id) => findings.findById(id)),
      Insight: ofRepository((id) => insights.findById(id)),
      Comment: async (id) => {
        const row = await comments.findById(id);
        const task = row && (await tasks.findById(row.taskId));
        return task && { row, repositoryId: task.repositoryId };
      },
      User: ofNone((id) => users.findById(id)),
      Role: ofNone((id) => roles.findById(id)),
      Budget: ofNone((id) => budgets.findById(id)),
      RepositoryGrant: ofNone((id) => grants.findById(id)),
      WebhookEvent: ofNone(async (id) => {
        const event = await webhookEvents.findById(id);
        return event && withoutPayload(event);
      }),
    };
  }

  /** Null when there is no such row. */
  async find(subject: Subject, id: string): Promise<ProtectedRow | null> {
    const find = this.finders[subject];
    if (!find) throw new Error(`a route names ${subject} by :id, which has no finder`);
    return find(id);
  }

  has(subject: Subject): boolean {
    return subject in this.finders;
  }
}

/** What people outside wrote goes into no audit entry. */
function withoutPayload({ payload: _payload, ...event }: WebhookEvent): Omit<WebhookEvent, 'payload'> {
  return event;
}
