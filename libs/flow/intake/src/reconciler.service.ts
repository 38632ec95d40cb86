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

/** Clocks differ and webhooks take a moment: that far back it looks again, and so young it leaves things to webhooks. */
const OVERLAP_MS = 120_000;
const GRACE_MS = 5_000;
const OPEN_TASKS = ['new', 'analysed', 'queued', 'running', 'needs_input', 'in_review', 'blocked', 'failed'];
const NOBODY: ExternalUser = { id: '', login: '', isBot: true };

/** Asks the forge for what webhooks lost, and counts it. What webhooks told leads to nothing a second time. */
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
    @Inject(ExternalUserAccess) private readonly rights: ExternalUserAccess,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Looks at every repository that was not looked at for `everyMs`; of several processes one does. */
  async lookAtDue(everyMs: number): Promise<void> {
    if (this.connection.kind === null) return;
    const query = { page: 1, perPage: 200, sort: 'createdAt', order: 'ASC' } as const;
    for (let page = 1; ; page++) {
      const { data, total } = await this.repositories.list({ ...query, page, filters: { forge: ['github'] } });
      for (const repository of data) await this.lookIfDue(repository, everyMs);
      if (page * query.perPage >= total) return;
    }
  }

  private async lookIfDue(repository: Repository, everyMs: number): Promise<void> {
    const now = this.clock.now();
    const seen = repository.reconciledAt;
    if (seen && now.getTime() - seen.getTime() < everyMs) return;
    if (!(await this.repositories.claimReconciliation(repository.id, seen, now))) return;
    const since = new Date((seen ?? repository.createdAt).getTime() - OVERLAP_MS);
    try {
      const lost = await this.look(repository, since, new Date(now.getTime() - GRACE_MS));
      if (lost > 0) await this.repositories.addMissedEvents(repository.id, lost);
    } catch (error) {
      // From the same moment again next time.
      await this.repositories.update(repository.id, { reconciledAt: seen });
      this.logger.warn(`${repository.name} could not be asked for what webhooks lost: ${(error as Error).message}`);
    }
  }

  private async look(known: Repository, since: Date, until: Date): Promise<number> {
    const named = await this.connection.repository(known.forgeName!);
    // Its old name may be another's by now.
    const outside = named?.forgeId === known.forgeId ? named : null;
    await this.imports.keepInStep(known, outside);
    const repository = (await this.repositories.findById(known.id)) ?? known;
    if (!outside || outside.archived) return 0;
    const outcomes = [
      ...(await this.issues(repository, since, until)),
      ...(await this.externalComments(repository, since, until)),
      ...(await this.pulls(repository, until)),
      ...(await this.deletions(repository)),
    ];
    return outcomes.filter(({ isDone }) => isDone).length;
  }

  private async issues(repository: Repository, since: Date, until: Date): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const issue of await this.tracker.issuesSince(repository, since)) {
      if (issue.isPullRequest || issue.updatedAt > until) continue;
      const externalEvent = await this.externalEventOf(repository, issue);
      if (externalEvent) outcomes.push(await this.externalEvents.handle(repository, externalEvent));
    }
    return outcomes;
  }

  /** What an issue asks for that nobody told of. */
  private async externalEventOf(repository: Repository, issue: Issue): Promise<ExternalEvent | null> {
    const [task] = await this.tasks.findByIssue(repository.id, issue.number);
    const plain = { type: 'issue', issue, at: null, label: null, assignee: null } as const;
    if (!issue.isOpen) return task ? { ...plain, action: 'closed', actor: NOBODY } : null;
    if (task) return null;
    const { intakeLabel: label } = repository;
    const { login: assignee } = await this.rights.self();
    const asks = (names: string[], wanted: string) => names.some((name) => name.toLowerCase() === wanted.toLowerCase());
    if (asks(issue.labels, label)) {
      const actor = await this.tracker.askedBy(repository, issue.number, { label });
      return actor && { ...plain, action: 'labelled', label, actor };
    }
    if (asks(issue.assignees, assignee)) {
      const actor = await this.tracker.askedBy(repository, issue.number, { assignee });
      return actor && { ...plain, action: 'assigned', assignee, actor };
    }
    return { ...plain, action: 'opened', actor: issue.author };
  }

  private async externalComments(repository: Repository, since: Date, until: Date): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const externalComment of await this.tracker.commentsSince(repository, since))
      if (externalComment.updatedAt <= until) outcomes.push(await this.externalComment(repository, externalComment));
    return outcomes;
  }

  private async externalComment(repository: Repository, externalComment: ExternalComment): Promise<Outcome> {
    const link = await this.links.findByExternalComment(repository.id, externalComment.kind, externalComment.id);
    // Stored and not heard: a process died between.
    const isVisibleToAgent = link && (link.origin === 'teko' || link.processedAt !== null);
    const action = isVisibleToAgent ? 'edited' : 'created';
    return this.externalEvents.handle(repository, {
      type: 'comment',
      action,
      externalComment,
      issue: null,
      actor: externalComment.author,
    });
  }

  /** Of each of Teko's open pull requests: its state, its reviews, its checks. */
  private async pulls(repository: Repository, until: Date): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const change of await this.changes.findWithOpenPullRequest(repository.id)) {
      const pullRequest = await this.forge.pullRequest(repository, change.pullRequestNumber!);
      if (!pullRequest) continue;
      if (differs(change, pullRequest.headCommit, pullRequest.isOpen))
        outcomes.push(
          await this.externalEvents.handle(repository, { type: 'pull_request', pullRequest, actor: NOBODY }),
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

  /** Comments that are gone from issues whose task is not over. */
  private async deletions(repository: Repository): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const task of await this.openTasks(repository)) {
      const there = new Set((await this.tracker.comments(repository, task.issueNumber!)).map(({ id }) => id));
      for (const link of await this.links.findByTask(task.id)) {
        const isHere = link.kind === 'issue_comment' && link.number === task.issueNumber;
        if (!isHere || !link.externalId || there.has(link.externalId)) continue;
        const comment = await this.comments.findById(link.commentId);
        if (!comment || comment.deletedAt) continue;
        const externalComment = { ...link, id: link.externalId, author: NOBODY, body: '', url: '', verdict: null };
        const gone: ExternalComment = {
          ...externalComment,
          createdAt: comment.createdAt,
          updatedAt: comment.updatedAt,
        };
        const externalEvent = {
          type: 'comment',
          action: 'deleted',
          externalComment: gone,
          issue: null,
          actor: NOBODY,
        } as const;
        outcomes.push(await this.externalEvents.handle(repository, externalEvent));
      }
    }
    return outcomes;
  }

  private async openTasks({ id }: Repository): Promise<Task[]> {
    const query = { page: 1, perPage: 200, sort: 'updatedAt', order: 'DESC' } as const;
    const filters = { repositoryId: [id], source: ['github'], status: OPEN_TASKS };
    const { data } = await this.tasks.list({ ...query, filters });
    return data.filter(({ issueNumber, kind }) => issueNumber !== null && kind === 'implement');
  }
}

function differs(change: Change, headCommit: string, isOpen: boolean): boolean {
  return change.headCommit !== headCommit || !isOpen;
}
