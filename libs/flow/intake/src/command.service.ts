import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  ConflictError,
  DomainError,
  InvalidError,
  isFinal,
  RunRepository,
  TaskRepository,
  Tracker,
  codeSpan,
  neutralizeLine,
  type Change,
  type CommentLink,
  type Issue,
  type ExternalComment,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { TaskComments } from '@teko/platform';
import { SchedulingService } from '@teko/scheduling';
import { CommentApprovals } from './comment-approvals.service';
import { HELP, type Command } from './commands';
import { IntakeService } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { handled, ignored, type Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';

/** A command on an existing task, from an authorised user. */
interface TaskCommand {
  task: Task;
  change: Change | null;
  externalComment: ExternalComment;
  link: CommentLink;
  command: Command;
}

/** Executes commands from comments. A comment takes effect once, however often it is delivered. */
@Injectable()
export class CommandService {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(RunRepository) private readonly runs: RunRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(SchedulingService) private readonly scheduling: SchedulingService,
    @Inject(CommentApprovals) private readonly approvals: CommentApprovals,
    @Inject(TaskComments) private readonly taskComments: TaskComments,
    @Inject(ExternalUserAccess) private readonly userAccess: ExternalUserAccess,
  ) {}

  /** Handles a command on an issue without a task: `implement`, `plan`, `retry` and free-form instructions create one. */
  async onIssueWithoutTask(
    repository: Repository,
    issue: Issue,
    externalComment: ExternalComment,
    command: Command,
  ): Promise<Outcome> {
    const startsTask = command.name === null || ['implement', 'plan', 'retry'].includes(command.name);
    if (issue.isPullRequest)
      return this.replyOnIssue(
        repository,
        externalComment,
        'I only work on issues and on pull requests that I opened.',
      );
    if (command.name === 'help') return this.replyOnIssue(repository, externalComment, HELP);
    if (!startsTask)
      return this.replyOnIssue(repository, externalComment, `I have not worked on this issue yet.\n\n${HELP}`);
    if (command.unknownOptions.length > 0)
      return this.replyOnIssue(repository, externalComment, unknownOptionsText(command));
    try {
      const triggerKey = triggerKeyOf(repository, externalComment);
      return await this.issues.createTask(repository, issue, externalComment.author, {
        command,
        triggerKey,
        at: externalComment.createdAt,
      });
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      return this.replyOnIssue(repository, externalComment, `I cannot start: ${neutralizeLine(error.message)}.`);
    }
  }

  /** Executes a command on a task. Replies with the error if Teko refuses it; outages are thrown, so that the event is retried. */
  async onTask(repository: Repository, taskCommand: TaskCommand): Promise<Outcome> {
    const { task, externalComment, command } = taskCommand;
    await this.tracker.acknowledge(repository, externalComment);
    try {
      const reply =
        command.unknownOptions.length > 0 ? unknownOptionsText(command) : await this.execute(repository, taskCommand);
      if (reply) await this.reply(taskCommand, reply);
      return handled(`Task ${task.number}: ${command.name ?? 'instruction'} from ${externalComment.author.login}.`);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'unavailable') throw error;
      await this.reply(taskCommand, `I cannot do that: ${neutralizeLine(error.message)}.`);
      return handled(`A command from ${externalComment.author.login} was refused: ${error.message}.`);
    }
  }

  /** Returns the reply to post, or null if the effect is visible without one. */
  private async execute(repository: Repository, taskCommand: TaskCommand): Promise<string | null> {
    switch (taskCommand.command.name) {
      case 'stop':
        return this.stop(taskCommand);
      case 'approve':
      case 'reject':
        return this.decide(repository, taskCommand);
      case 'review':
        return this.review(repository, taskCommand);
      case 'help':
        return HELP;
      case 'split':
      case 'size':
        return `No agent can ${taskCommand.command.name} issues yet.`;
      default:
        return this.requestRun(repository, taskCommand);
    }
  }

  /** Starts another run with the current text of the issue. If a run waits for an answer, the comment resumes it instead. */
  private async requestRun(
    repository: Repository,
    { task, externalComment, command }: TaskCommand,
  ): Promise<string | null> {
    const triggerKey = triggerKeyOf(repository, externalComment);
    if (task.triggerKey === triggerKey || (await this.runs.findByTrigger(triggerKey))) return null;
    const all = await this.runs.findByTask(task.id);
    // A run that was created after the comment already covers the request.
    if (all.some(({ createdAt }) => createdAt >= externalComment.createdAt)) return null;
    const active = all.filter((run) => !isFinal(run.status));
    if (active.length > 0) {
      await this.intake.resumeWaitingRuns(task);
      return command.name ? `Run ${active[0]!.number} of task ${task.number} is already ${active[0]!.status}.` : null;
    }
    await this.issues.refresh(repository, task, { planFirst: command.name === 'plan' });
    const { base, priority, allowTestChanges } = command;
    if (base || priority || allowTestChanges)
      await this.intake.updateTask(task.id, {
        ...(base && { baseBranch: base }),
        ...(priority && { priority }),
        ...(allowTestChanges && { allowTestChanges }),
      });
    const { id } = await this.userAccess.actor(externalComment.author);
    await this.scheduling.requestRun(task.id, id, triggerKey);
    return null;
  }

  /** Cancels the runs that were unfinished when the comment was posted; later runs continue. */
  private async stop({ task, link, externalComment }: TaskCommand): Promise<string | null> {
    const active = (await this.activeRuns(task)).filter(({ createdAt }) => createdAt <= link.createdAt);
    if (active.length === 0 && ['new', 'analysed', 'blocked', 'needs_input'].includes(task.status)) {
      await this.intake.cancelTask(task.id, { id: null, name: externalComment.author.login });
      return 'Stopped.';
    }
    if (active.length === 0) return 'There is no unfinished run to stop.';
    for (const run of active) await this.scheduling.requestCancel(run.id);
    return `Stopping run ${active.map(({ number }) => number).join(', ')}.`;
  }

  private async decide(
    repository: Repository,
    { task, externalComment, command: { name, text } }: TaskCommand,
  ): Promise<null> {
    const decision = name === 'approve' ? 'approved' : 'rejected';
    await this.approvals.decide(repository, task, externalComment, { decision, text });
    return null;
  }

  private async review(repository: Repository, { task, change, externalComment }: TaskCommand): Promise<string | null> {
    const reviewed = change ?? (await this.changes.findOpenByTask(task.id));
    if (!reviewed) throw new ConflictError(`task ${task.number} has no open change to review`);
    const sourceKey = `github:${repository.forgeId}#${task.issueNumber}:review:${externalComment.id}`;
    if (await this.tasks.findBySourceKey(repository.id, sourceKey)) return null;
    const { id, name } = await this.userAccess.actor(externalComment.author);
    await this.intake.createTask(
      {
        repositoryId: repository.id,
        kind: 'review',
        title: `Review change ${reviewed.number}`.slice(0, 200),
        changeId: reviewed.id,
        source: 'github',
        sourceKey,
        sourceUrl: externalComment.url,
        issueNumber: externalComment.number,
        requestedBy: externalComment.author.login,
      },
      { id, name },
    );
    return null;
  }

  private async reply({ task, externalComment }: TaskCommand, body: string): Promise<void> {
    const threadId = externalComment.kind === 'review_comment' ? externalComment.threadId : null;
    const key = `command:${externalComment.kind}:${task.repositoryId}:${externalComment.id}`;
    await this.taskComments.post(task, {
      body,
      key,
      runId: null,
      target: { number: externalComment.number, threadId },
    });
  }

  /** Replies on an issue without a task. Checks for an earlier reply, so that it is posted once. */
  private async replyOnIssue(repository: Repository, externalComment: ExternalComment, body: string): Promise<Outcome> {
    const { login } = await this.userAccess.self();
    const all = await this.tracker.comments(repository, externalComment.number);
    const isPosted = all.some(
      (other) => other.author.login === login && other.body === body && other.createdAt >= externalComment.createdAt,
    );
    if (!isPosted) await this.tracker.comment(repository, externalComment.number, body, null);
    return isPosted ? ignored('Already answered.') : handled(`Replied to ${externalComment.author.login}.`);
  }

  private async activeRuns(task: Task): Promise<Run[]> {
    return (await this.runs.findByTask(task.id)).filter((run) => !isFinal(run.status));
  }
}

/** Identifies a comment by the forge's own identifiers, which survive renames. */
function triggerKeyOf({ forgeId }: Repository, { kind, id }: ExternalComment): string {
  return `${kind}:${forgeId}:${id}`;
}

function unknownOptionsText({ unknownOptions }: Command): string {
  return `I do not understand ${unknownOptions.map((option) => codeSpan(option)).join(', ')}.\n\n${HELP}`;
}
