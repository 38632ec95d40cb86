import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  TaskRepository,
  Tracker,
  type Change,
  type ExternalEvent,
  type ExternalComment,
  type Repository,
  type Task,
} from '@teko/domain';
import { CommandService } from './command.service';
import { parseCommand, type Command } from './commands';
import { IntakeService } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { handled, ignored, type Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';
import { CommentSync, type SyncedComment } from './comment-sync.service';

type ExternalCommentEvent = Extract<ExternalEvent, { type: 'comment' }>;

/** Adds comments on issues and pull requests to their task, and processes those of authorised users. */
@Injectable()
export class ExternalCommentIntake {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(CommentSync) private readonly commentSync: CommentSync,
    @Inject(CommandService) private readonly commands: CommandService,
    @Inject(ExternalUserAccess) private readonly userAccess: ExternalUserAccess,
  ) {}

  async handle(repository: Repository, { action, externalComment, ...more }: ExternalCommentEvent): Promise<Outcome> {
    const change = await this.changes.findByPullRequest(repository.id, externalComment.number);
    const task = change
      ? await this.tasks.findById(change.taskId)
      : await this.issues.taskOf(repository, externalComment.number);
    if (!task)
      return action === 'created'
        ? this.onIssueWithoutTask(repository, externalComment, more)
        : ignored('The issue has no task.');
    if (action === 'created') return this.created(repository, { task, change, externalComment });
    const changed =
      action === 'edited'
        ? await this.commentSync.updateComment(repository, task, externalComment)
        : await this.commentSync.deleteComment(repository, task, externalComment);
    return changed ? handled(`The comment on task ${task.number} was ${action}.`) : ignored('Already up to date.');
  }

  /** Creates a task from a comment only if its author mentions Teko. */
  private async onIssueWithoutTask(
    repository: Repository,
    externalComment: ExternalComment,
    { issue: deliveredIssue }: Pick<ExternalCommentEvent, 'issue'>,
  ): Promise<Outcome> {
    const command = await this.commandOf(externalComment);
    if (!command) return ignored('The comment is not on a task and does not mention Teko.');
    const denialReason = await this.userAccess.denialReason(repository, externalComment.author);
    if (denialReason) return ignored(`${denialReason}.`);
    await this.tracker.acknowledge(repository, externalComment);
    const issue = deliveredIssue ?? (await this.tracker.issue(repository, externalComment.number));
    if (!issue) return ignored('The issue was not found.');
    return this.commands.onIssueWithoutTask(repository, issue, externalComment, command);
  }

  private async created(
    repository: Repository,
    { task, change, externalComment }: { task: Task; change: Change | null; externalComment: ExternalComment },
  ): Promise<Outcome> {
    const command = await this.commandOf(externalComment);
    const isRequest = this.isRequest(change, externalComment, command);
    const synced = await this.commentSync.importComment(repository, task, externalComment, { isRequest });
    if (!synced) return ignored('The comment was posted by Teko.');
    if (synced.link.processedAt) return ignored('Already processed.');
    const outcome = await this.process(repository, { task, change, externalComment }, synced, command);
    await this.commentSync.markProcessed(synced);
    return outcome;
  }

  /** Executes the command of a comment, or treats it as an answer. Comments of unauthorised users are only shown. */
  private async process(
    repository: Repository,
    { task, change, externalComment }: { task: Task; change: Change | null; externalComment: ExternalComment },
    { comment, link, isNew }: SyncedComment,
    command: Command | null,
  ): Promise<Outcome> {
    if (!comment.trusted)
      return isNew
        ? handled(`Added to task ${task.number}.`)
        : ignored('Already added; its author is not allowed to request work.');
    if (command?.name || (command && !link.isRequest))
      return this.commands.onTask(repository, { task, change, externalComment, link, command });
    if (link.isRequest && isNew) await this.tracker.acknowledge(repository, externalComment);
    await this.intake.resumeWaitingRuns(task);
    return isNew ? handled(`Added to task ${task.number}.`) : ignored('Already processed.');
  }

  /** Returns true for requests to rework a change: reviews, and mentions of Teko without a command. */
  private isRequest(
    change: Change | null,
    { kind, verdict, author }: ExternalComment,
    command: Command | null,
  ): boolean {
    if (!change || author.isBot || command?.name) return false;
    if (kind === 'review') return verdict !== 'approved';
    return kind === 'review_comment' || command !== null;
  }

  private async commandOf({ author, body, kind }: ExternalComment): Promise<Command | null> {
    if (author.isBot || (kind === 'review' && !body)) return null;
    return parseCommand(body, await this.userAccess.names());
  }
}
