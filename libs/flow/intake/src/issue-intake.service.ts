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
import type { Command } from './commands';
import { commandIn } from './commands';
import { IntakeService } from './intake.service';
import { done, nothing, type Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';
import { CommentSync } from './comment-sync.service';

/** What somebody said to begin with; the comment's key, where it was one. */
interface Trigger {
  command: Command | null;
  triggerKey: string | null;
  /** When that was; null where nobody can tell. */
  at: Date | null;
}

type ExternalIssueEvent = Extract<ExternalEvent, { type: 'issue' }>;

/** Makes tasks of issues, for people who may, and keeps them in step. */
@Injectable()
export class IssueIntake {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(ExternalUserAccess) private readonly rights: ExternalUserAccess,
    @Inject(CommentSync) private readonly mirror: CommentSync,
  ) {}

  async handle(repository: Repository, externalEvent: ExternalIssueEvent): Promise<Outcome> {
    const { action, issue, actor } = externalEvent;
    if (issue.isPullRequest) return nothing('It is a pull request.');
    const task = await this.taskOf(repository, issue.number);
    if (action === 'closed') return this.close(task, issue, actor);
    if (action === 'edited') return task ? this.edit(repository, task, issue, actor) : nothing('It has no task.');
    const command = action === 'opened' ? commandIn(issue.body, await this.rights.names()) : null;
    if (!command && !(await this.asks(repository, externalEvent))) return nothing('It asks for nothing.');
    if (task) return nothing(`Task ${task.number} was made from it already.`);
    return this.take(repository, issue, actor, { command, triggerKey: null, at: externalEvent.at });
  }

  /** The task that was made from an issue; null where there is none. */
  async taskOf(repository: Repository, number: number): Promise<Task | null> {
    const tasks = await this.tasks.findByIssue(repository.id, number);
    return tasks.find(({ sourceKey }) => sourceKey === keyOf(repository, number)) ?? null;
  }

  /** Makes the task of an issue, if whoever asks may. What was said on the issue before comes along. */
  async take(repository: Repository, issue: Issue, actor: ExternalUser, trigger: Trigger): Promise<Outcome> {
    if (!issue.isOpen) return nothing('The issue is closed.');
    if (repository.archived) return nothing('The repository is archived.');
    const refusal = await this.rights.refusal(repository, actor);
    if (refusal) return nothing(`${refusal}.`);
    await this.tracker.acknowledge(repository, { kind: 'issue', number: issue.number });
    const task = await this.create(repository, issue, actor, trigger);
    await this.mirror.fetchAll(repository, task, trigger.at);
    return done(`Task ${task.number} was made for ${actor.login}.`);
  }

  /** Takes the text of the issue as it is now, on the word of somebody who may. */
  async refresh(repository: Repository, task: Task, more: { planFirst?: boolean } = {}): Promise<void> {
    const issue = task.issueNumber ? await this.tracker.issue(repository, task.issueNumber) : null;
    if (issue) await this.intake.updateTask(task.id, textOf(issue));
    if (more.planFirst && !task.planFirst) await this.tasks.update(task.id, { planFirst: true });
  }

  private async create(
    repository: Repository,
    issue: Issue,
    actor: ExternalUser,
    { command, triggerKey }: Trigger,
  ): Promise<Task> {
    const sourceKey = keyOf(repository, issue.number);
    try {
      return await this.intake.createTask(
        {
          repositoryId: repository.id,
          kind: 'implement',
          ...textOf(issue),
          priority: command?.priority ?? undefined,
          baseBranch: command?.base ?? null,
          allowTestChanges: command?.allowTestChanges ?? false,
          planFirst: command?.name === 'plan',
          source: 'github',
          sourceKey,
          sourceUrl: issue.url,
          issueNumber: issue.number,
          requestedBy: actor.login,
          triggerKey,
        },
        await this.rights.actor(actor),
      );
    } catch (error) {
      const stored = error instanceof ConflictError ? await this.tasks.findBySourceKey(sourceKey) : null;
      if (!stored) throw error;
      return stored;
    }
  }

  private async asks(repository: Repository, { action, issue, label, assignee }: ExternalIssueEvent): Promise<boolean> {
    const { intakeLabel } = repository;
    if (action === 'labelled') return same(label, intakeLabel);
    const { login } = await this.rights.self();
    if (action === 'assigned') return same(assignee, login);
    if (action !== 'opened') return false;
    return issue.labels.some((name) => same(name, intakeLabel)) || issue.assignees.some((name) => same(name, login));
  }

  /**
   * An edit by somebody who may changes the task, if it is still what the issue says. What others write into the issue
   * later is theirs: the task keeps the text that was asked for.
   */
  private async edit(repository: Repository, task: Task, issue: Issue, actor: ExternalUser): Promise<Outcome> {
    const refusal = await this.rights.refusal(repository, actor);
    if (refusal) return nothing(`The task keeps its text: ${refusal}.`);
    const now = await this.tracker.issue(repository, issue.number);
    if (now && (now.title !== issue.title || now.body !== issue.body)) return nothing('It was edited again since.');
    try {
      await this.intake.updateTask(task.id, textOf(issue));
      return done(`Task ${task.number} has the new text.`);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      return nothing('The run that is under way goes on with the text as it was.');
    }
  }

  private async close(task: Task | null, issue: Issue, actor: ExternalUser): Promise<Outcome> {
    if (!task || actor.login === (await this.rights.self()).login) return nothing('There is nothing to end.');
    const active = (await this.runs.findByTask(task.id)).some(({ status }) => !isFinal(status));
    if (issue.isCompleted && !active && canMoveTask(task.status, 'done')) {
      await this.intake.completeTask(task.id, { id: null, name: actor.login });
      return done(`Task ${task.number} is done.`);
    }
    if (!active && !canMoveTask(task.status, 'cancelled')) return nothing('The task is over.');
    await this.intake.cancelTask(task.id, { id: null, name: actor.login });
    return done(`Task ${task.number} was cancelled: the issue was closed.`);
  }
}

const CUT = '\n\n[The issue goes on; the rest was cut.]';

function textOf({ title, body }: Issue): { title: string; description: string } {
  const text = visibleText(body);
  const description =
    text.length > TASK_LIMITS.description ? text.slice(0, TASK_LIMITS.description - CUT.length) + CUT : text;
  return { title: visibleText(title).trim().slice(0, TASK_LIMITS.title) || 'Untitled issue', description };
}

/** The one task of an issue: by the forge's identifier, which survives renames. */
function keyOf({ forgeId }: Repository, number: number): string {
  return `github:${forgeId}#${number}`;
}

function same(a: string | null, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}
