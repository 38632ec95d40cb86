import { Inject, Injectable } from '@nestjs/common';
import {
  canMoveTask,
  ConflictError,
  RunRepository,
  TaskRepository,
  Tracker,
  visibleText,
  isFinal,
  type ExternalEvent,
  type Issue,
  type ExternalUser,
  type Repository,
  type Task,
} from '@teko/domain';
import { TASK_LIMITS } from '@teko/contracts';
import { parseCommand, type Command } from './commands';
import { IntakeService } from './intake.service';
import { handled, ignored, type Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';
import { CommentSync } from './comment-sync.service';

/** What requested the task. */
interface Trigger {
  command: Command | null;
  /** Identifies the comment, or null if the trigger is not a comment. */
  triggerKey: string | null;
  /** Time of the request, or null if unknown. */
  at: Date | null;
}

type ExternalIssueEvent = Extract<ExternalEvent, { type: 'issue' }>;

/** Creates tasks from issues for authorised users and keeps them in sync. */
@Injectable()
export class IssueIntake {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(ExternalUserAccess) private readonly userAccess: ExternalUserAccess,
    @Inject(CommentSync) private readonly commentSync: CommentSync,
  ) {}

  async handle(repository: Repository, externalEvent: ExternalIssueEvent): Promise<Outcome> {
    const { action, issue, actor } = externalEvent;
    if (issue.isPullRequest) return ignored('The issue is a pull request.');
    const task = await this.taskOf(repository, issue.number);
    if (action === 'closed') return this.close(task, issue, actor);
    if (action === 'edited')
      return task ? this.edit(repository, task, issue, actor) : ignored('The issue has no task.');
    const command = action === 'opened' ? parseCommand(issue.body, await this.userAccess.names()) : null;
    if (!command && !(await this.isRequest(repository, externalEvent)))
      return ignored('The event does not request work.');
    if (task) return ignored(`Task ${task.number} already exists for this issue.`);
    return this.createTask(repository, issue, actor, { command, triggerKey: null, at: externalEvent.at });
  }

  /** Returns the task that was created from an issue, or null if there is none. */
  async taskOf(repository: Repository, number: number): Promise<Task | null> {
    const tasks = await this.tasks.findByIssue(repository.id, number);
    return tasks.find(({ sourceKey }) => sourceKey === sourceKeyOf(repository, number)) ?? null;
  }

  /** Creates the task of an issue if the actor is authorised, and imports the earlier comments of the issue. */
  async createTask(repository: Repository, issue: Issue, actor: ExternalUser, trigger: Trigger): Promise<Outcome> {
    if (!issue.isOpen) return ignored('The issue is closed.');
    if (repository.archived) return ignored('The repository is archived.');
    const denialReason = await this.userAccess.denialReason(repository, actor);
    if (denialReason) return ignored(`${denialReason}.`);
    await this.tracker.acknowledge(repository, { kind: 'issue', number: issue.number });
    const task = await this.findOrCreate(repository, issue, actor, trigger);
    await this.commentSync.importAll(repository, task, trigger.at);
    return handled(`Task ${task.number} was created for ${actor.login}.`);
  }

  /** Updates the task with the current text of the issue. The caller has checked that the requester is authorised. */
  async refresh(repository: Repository, task: Task, options: { planFirst?: boolean } = {}): Promise<void> {
    const issue = task.issueNumber ? await this.tracker.issue(repository, task.issueNumber) : null;
    if (issue) await this.intake.updateTask(task.id, { ...textOf(issue), ...(reportsBug(issue) && { isBug: true }) });
    if (options.planFirst && !task.planFirst) await this.tasks.update(task.id, { planFirst: true });
  }

  private async findOrCreate(
    repository: Repository,
    issue: Issue,
    actor: ExternalUser,
    { command, triggerKey }: Trigger,
  ): Promise<Task> {
    const sourceKey = sourceKeyOf(repository, issue.number);
    try {
      return await this.intake.createTask(
        {
          repositoryId: repository.id,
          kind: 'implement',
          ...textOf(issue),
          priority: command?.priority ?? undefined,
          baseBranch: command?.base ?? null,
          allowTestChanges: command?.allowTestChanges ?? false,
          isBug: reportsBug(issue),
          planFirst: command?.name === 'plan',
          source: 'github',
          sourceKey,
          sourceUrl: issue.url,
          issueNumber: issue.number,
          requestedBy: actor.login,
          triggerKey,
        },
        await this.userAccess.actor(actor),
      );
    } catch (error) {
      const stored = error instanceof ConflictError ? await this.tasks.findBySourceKey(repository.id, sourceKey) : null;
      if (!stored) throw error;
      return stored;
    }
  }

  private async isRequest(
    repository: Repository,
    { action, issue, label, assignee }: ExternalIssueEvent,
  ): Promise<boolean> {
    const { intakeLabel } = repository;
    if (action === 'labelled') return equalsIgnoreCase(label, intakeLabel);
    const { login } = await this.userAccess.self();
    if (action === 'assigned') return equalsIgnoreCase(assignee, login);
    if (action !== 'opened') return false;
    return (
      issue.labels.some((name) => equalsIgnoreCase(name, intakeLabel)) ||
      issue.assignees.some((name) => equalsIgnoreCase(name, login))
    );
  }

  /**
   * Updates the task after an edit by an authorised user, unless the issue was edited again since. Edits by others do not
   * change the text that was requested.
   */
  private async edit(repository: Repository, task: Task, issue: Issue, actor: ExternalUser): Promise<Outcome> {
    const denialReason = await this.userAccess.denialReason(repository, actor);
    if (denialReason) return ignored(`The task keeps its text: ${denialReason}.`);
    const current = await this.tracker.issue(repository, issue.number);
    if (current && (current.title !== issue.title || current.body !== issue.body))
      return ignored('The issue was edited again since.');
    try {
      await this.intake.updateTask(task.id, textOf(issue));
      return handled(`The text of task ${task.number} was updated.`);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return ignored('The active run continues with the previous text.');
    }
  }

  private async close(task: Task | null, issue: Issue, actor: ExternalUser): Promise<Outcome> {
    if (!task || actor.login === (await this.userAccess.self()).login) return ignored('There is nothing to cancel.');
    const isActive = (await this.runs.findByTask(task.id)).some(({ status }) => !isFinal(status));
    if (issue.isCompleted && !isActive && canMoveTask(task.status, 'done')) {
      await this.intake.completeTask(task.id, { id: null, name: actor.login });
      return handled(`Task ${task.number} is done.`);
    }
    if (!isActive && !canMoveTask(task.status, 'cancelled')) return ignored('The task is already finished.');
    await this.intake.cancelTask(task.id, { id: null, name: actor.login });
    return handled(`Task ${task.number} was cancelled because the issue was closed.`);
  }
}

const TRUNCATION_NOTE = '\n\n[The rest of the issue was truncated.]';

function textOf({ title, body }: Issue): { title: string; description: string } {
  const text = visibleText(body);
  const description =
    text.length > TASK_LIMITS.description
      ? text.slice(0, TASK_LIMITS.description - TRUNCATION_NOTE.length) + TRUNCATION_NOTE
      : text;
  return { title: visibleText(title).trim().slice(0, TASK_LIMITS.title) || 'Untitled issue', description };
}

/** Labels such as `bug`, `type: bug`, `kind/bug`, `defect` or `regression`, in any case. */
const BUG_LABEL =
  /^([^\p{L}\p{N}]*|(type|kind|category|c|t)\s*[:/_-]\s*)(bug|defect|regression)([\s_-]*report)?[^\p{L}\p{N}]*$/iu;

/** Whether an issue reports a bug, by its labels. */
export function reportsBug({ labels }: Pick<Issue, 'labels'>): boolean {
  return labels.some((label) => BUG_LABEL.test(label.trim()));
}

/** Source key of an issue's task. Uses the forge's repository id, which survives renames. */
function sourceKeyOf({ forgeId }: Repository, number: number): string {
  return `github:${forgeId}#${number}`;
}

function equalsIgnoreCase(a: string | null, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
