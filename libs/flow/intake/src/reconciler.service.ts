import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  ChangeRepository,
  Clock,
  CommentLinkRepository,
  CommentRepository,
  Forge,
  ForgeConnection,
  RepositoryRepository,
  TaskRepository,
  Tracker,
  type Change,
  type ExternalEvent,
  type Issue,
  type ExternalUser,
  type ExternalComment,
  type Repository,
  type Task,
} from '@teko/domain';
import { ForgeImport } from './forge-import.service';
import { ExternalEvents } from './external-events.service';
import type { Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';

/** Each reconciliation goes back this much further, because clocks differ. */
const OVERLAP_MS = 120_000;
/** Changes younger than this are left to webhooks. */
const GRACE_MS = 5_000;
const OPEN_STATUSES = ['new', 'analysed', 'queued', 'running', 'needs_input', 'in_review', 'blocked', 'failed'];
const UNKNOWN_USER: ExternalUser = { id: '', login: '', isBot: true };

/** Polls the forge for events that webhooks missed, and counts them. Events that are already processed have no effect. */
@Injectable()
export class Reconciler {
  private readonly logger = new Logger(Reconciler.name);

  constructor(
    @Inject(RepositoryRepository) private readonly repositories: RepositoryRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
    @Inject(CommentLinkRepository) private readonly links: CommentLinkRepository,
    @Inject(ForgeConnection) private readonly connection: ForgeConnection,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(ExternalEvents) private readonly externalEvents: ExternalEvents,
    @Inject(ForgeImport) private readonly imports: ForgeImport,
    @Inject(ExternalUserAccess) private readonly userAccess: ExternalUserAccess,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Reconciles each repository that was not reconciled for `intervalMs`. If several processes do this, only one reconciles a repository. */
  async reconcileDue(intervalMs: number): Promise<void> {
    if (this.connection.kind === null) return;
    const query = { page: 1, perPage: 200, sort: 'createdAt', order: 'ASC' } as const;
    for (let page = 1; ; page++) {
      const { data, total } = await this.repositories.list({ ...query, page, filters: { forge: ['github'] } });
      for (const repository of data) await this.reconcileIfDue(repository, intervalMs);
      if (page * query.perPage >= total) return;
    }
  }

  private async reconcileIfDue(repository: Repository, intervalMs: number): Promise<void> {
    const now = this.clock.now();
    const last = repository.reconciledAt;
    if (last && now.getTime() - last.getTime() < intervalMs) return;
    if (!(await this.repositories.claimReconciliation(repository.id, last, now))) return;
    const since = new Date((last ?? repository.createdAt).getTime() - OVERLAP_MS);
    try {
      const missed = await this.reconcile(repository, since, new Date(now.getTime() - GRACE_MS));
      if (missed > 0) await this.repositories.addMissedEvents(repository.id, missed);
    } catch (error) {
      // The next reconciliation starts from the same time.
      await this.repositories.update(repository.id, { reconciledAt: last });
      this.logger.warn(`${repository.name} could not be reconciled: ${(error as Error).message}`);
    }
  }

  /** Returns the number of missed events. */
  private async reconcile(known: Repository, since: Date, until: Date): Promise<number> {
    const named = await this.connection.repository(known.forgeName!);
    // Another repository may have taken the old name.
    const external = named?.forgeId === known.forgeId ? named : null;
    await this.imports.syncMetadata(known, external);
    const repository = (await this.repositories.findById(known.id)) ?? known;
    if (!external || external.archived) return 0;
    const outcomes = [
      ...(await this.issues(repository, since, until)),
      ...(await this.externalComments(repository, since, until)),
      ...(await this.pullRequests(repository, until)),
      ...(await this.deletions(repository)),
    ];
    return outcomes.filter(({ isHandled }) => isHandled).length;
  }

  private async issues(repository: Repository, since: Date, until: Date): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const issue of await this.tracker.issuesSince(repository, since)) {
      if (issue.isPullRequest || issue.updatedAt > until) continue;
      const externalEvent = await this.issueEvent(repository, issue);
      if (externalEvent) outcomes.push(await this.externalEvents.handle(repository, externalEvent));
    }
    return outcomes;
  }

  /** Returns the event that the current state of an issue implies, or null if there is none. */
  private async issueEvent(repository: Repository, issue: Issue): Promise<ExternalEvent | null> {
    const [task] = await this.tasks.findByIssue(repository.id, issue.number);
    const base = { type: 'issue', issue, at: null, label: null, assignee: null } as const;
    if (!issue.isOpen) return task ? { ...base, action: 'closed', actor: UNKNOWN_USER } : null;
    if (task) return null;
    const { intakeLabel: label } = repository;
    const { login: assignee } = await this.userAccess.self();
    const includes = (names: string[], wanted: string) =>
      names.some((name) => name.toLowerCase() === wanted.toLowerCase());
    if (includes(issue.labels, label)) {
      const actor = await this.tracker.findRequester(repository, issue.number, { label });
      return actor && { ...base, action: 'labelled', label, actor };
    }
    if (includes(issue.assignees, assignee)) {
      const actor = await this.tracker.findRequester(repository, issue.number, { assignee });
      return actor && { ...base, action: 'assigned', assignee, actor };
    }
    return { ...base, action: 'opened', actor: issue.author };
  }

  private async externalComments(repository: Repository, since: Date, until: Date): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const externalComment of await this.tracker.commentsSince(repository, since))
      if (externalComment.updatedAt <= until) outcomes.push(await this.externalComment(repository, externalComment));
    return outcomes;
  }

  private async externalComment(repository: Repository, externalComment: ExternalComment): Promise<Outcome> {
    const link = await this.links.findByExternalComment(repository.id, externalComment.kind, externalComment.id);
    // A comment that is stored but not processed is left from a process that died.
    const isProcessed = link && (link.origin === 'teko' || link.processedAt !== null);
    const action = isProcessed ? 'edited' : 'created';
    return this.externalEvents.handle(repository, {
      type: 'comment',
      action,
      externalComment,
      issue: null,
      actor: externalComment.author,
    });
  }

  /** Reconciles state, reviews and checks of Teko's open pull requests. */
  private async pullRequests(repository: Repository, until: Date): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const change of await this.changes.findWithOpenPullRequest(repository.id)) {
      const pullRequest = await this.forge.pullRequest(repository, change.pullRequestNumber!);
      if (!pullRequest) continue;
      if (isOutdated(change, pullRequest.headCommit, pullRequest.isOpen))
        outcomes.push(
          await this.externalEvents.handle(repository, { type: 'pull_request', pullRequest, actor: UNKNOWN_USER }),
        );
      for (const externalComment of await this.forge.reviews(repository, pullRequest.number))
        if (externalComment.updatedAt <= until) outcomes.push(await this.externalComment(repository, externalComment));
      if (pullRequest.isOpen)
        outcomes.push(
          await this.externalEvents.handle(repository, { type: 'check_runs', headCommit: pullRequest.headCommit }),
        );
    }
    return outcomes;
  }

  /** Detects deleted comments on the issues of open tasks. */
  private async deletions(repository: Repository): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const task of await this.openTasks(repository)) {
      const existingIds = new Set((await this.tracker.comments(repository, task.issueNumber!)).map(({ id }) => id));
      for (const link of await this.links.findByTask(task.id)) {
        const isOnIssue = link.kind === 'issue_comment' && link.number === task.issueNumber;
        if (!isOnIssue || !link.externalId || existingIds.has(link.externalId)) continue;
        const comment = await this.comments.findById(link.commentId);
        if (!comment || comment.deletedAt) continue;
        const externalComment = {
          ...link,
          id: link.externalId,
          author: UNKNOWN_USER,
          body: '',
          url: '',
          verdict: null,
        };
        const deleted: ExternalComment = {
          ...externalComment,
          createdAt: comment.createdAt,
          updatedAt: comment.updatedAt,
        };
        const externalEvent = {
          type: 'comment',
          action: 'deleted',
          externalComment: deleted,
          issue: null,
          actor: UNKNOWN_USER,
        } as const;
        outcomes.push(await this.externalEvents.handle(repository, externalEvent));
      }
    }
    return outcomes;
  }

  private async openTasks({ id }: Repository): Promise<Task[]> {
    const query = { page: 1, perPage: 200, sort: 'updatedAt', order: 'DESC' } as const;
    const filters = { repositoryId: [id], source: ['github'], status: OPEN_STATUSES };
    const { data } = await this.tasks.list({ ...query, filters });
    return data.filter(({ issueNumber, kind }) => issueNumber !== null && kind === 'implement');
  }
}

function isOutdated(change: Change, headCommit: string, isOpen: boolean): boolean {
  return change.headCommit !== headCommit || !isOpen;
}
