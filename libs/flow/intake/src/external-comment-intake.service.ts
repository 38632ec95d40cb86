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
import { commandIn, type Command } from './commands';
import { IntakeService } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { done, nothing, type Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';
import { CommentSync, type SyncedComment } from './comment-sync.service';

type ExternalCommentEvent = Extract<ExternalEvent, { type: 'comment' }>;

/** Takes in what is said on issues and pull requests: shown on the task, heard from people who may. */
@Injectable()
export class ExternalCommentIntake {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(CommentSync) private readonly mirror: CommentSync,
    @Inject(CommandService) private readonly commands: CommandService,
    @Inject(ExternalUserAccess) private readonly rights: ExternalUserAccess,
  ) {}

  async handle(repository: Repository, { action, externalComment, ...more }: ExternalCommentEvent): Promise<Outcome> {
    const change = await this.changes.findByPullRequest(repository.id, externalComment.number);
    const task = change
      ? await this.tasks.findById(change.taskId)
      : await this.issues.taskOf(repository, externalComment.number);
    if (!task)
      return action === 'created' ? this.onFreshIssue(repository, externalComment, more) : nothing('It has no task.');
    if (action === 'created') return this.created(repository, { task, change, externalComment });
    const changed =
      action === 'edited'
        ? await this.mirror.edit(repository, task, externalComment)
        : await this.mirror.remove(repository, task, externalComment);
    return changed ? done(`Task ${task.number} shows that it was ${action}.`) : nothing('It was known.');
  }

  /** Only somebody who calls Teko by name makes a task of an issue by a comment. */
  private async onFreshIssue(
    repository: Repository,
    externalComment: ExternalComment,
    { issue: told }: Pick<ExternalCommentEvent, 'issue'>,
  ): Promise<Outcome> {
    const command = await this.commandOf(externalComment);
    if (!command) return nothing('It is on no task and does not call Teko.');
    const refusal = await this.rights.refusal(repository, externalComment.author);
    if (refusal) return nothing(`${refusal}.`);
    await this.tracker.acknowledge(repository, externalComment);
    const issue = told ?? (await this.tracker.issue(repository, externalComment.number));
    if (!issue) return nothing('The issue is gone.');
    return this.commands.onFreshIssue(repository, issue, externalComment, command);
  }

  private async created(
    repository: Repository,
    { task, change, externalComment }: { task: Task; change: Change | null; externalComment: ExternalComment },
  ): Promise<Outcome> {
    const command = await this.commandOf(externalComment);
    const isRequest = this.isRequest(change, externalComment, command);
    const mirrored = await this.mirror.take(repository, task, externalComment, { isRequest });
    if (!mirrored) return nothing('Teko said it itself.');
    if (mirrored.link.processedAt) return nothing('It was known.');
    const outcome = await this.hear(repository, { task, change, externalComment }, mirrored, command);
    await this.mirror.hear(mirrored);
    return outcome;
  }

  /** Does what it asks for. */
  private async hear(
    repository: Repository,
    { task, change, externalComment }: { task: Task; change: Change | null; externalComment: ExternalComment },
    { comment, link, isNew }: SyncedComment,
    command: Command | null,
  ): Promise<Outcome> {
    if (!comment.trusted)
      return isNew ? done(`It is shown on task ${task.number}.`) : nothing('It was known, and its author may not ask.');
    if (command?.name || (command && !link.isRequest))
      return this.commands.onTask(repository, { task, change, externalComment, link, command });
    if (link.isRequest && isNew) await this.tracker.acknowledge(repository, externalComment);
    await this.intake.answer(task);
    return isNew ? done(`It is shown on task ${task.number}.`) : nothing('It was known.');
  }

  /** What asks for more work on a change of Teko's: reviews, and words to Teko that are no command. */
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
    return commandIn(body, await this.rights.names());
  }
}
