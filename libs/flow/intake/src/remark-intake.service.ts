import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  TaskRepository,
  Tracker,
  type Change,
  type Happening,
  type Remark,
  type Repository,
  type Task,
} from '@teko/domain';
import { CommandService } from './command.service';
import { commandIn, type Command } from './commands';
import { IntakeService } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { done, nothing, type Outcome } from './outcome';
import { OutsideRights } from './outside-rights.service';
import { RemarkMirror, type Mirrored } from './remark-mirror.service';

type RemarkHappening = Extract<Happening, { type: 'remark' }>;

/** Takes in what is said on issues and pull requests: shown on the task, heard from people who may. */
@Injectable()
export class RemarkIntake {
  constructor(
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(IssueIntake) private readonly issues: IssueIntake,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(RemarkMirror) private readonly mirror: RemarkMirror,
    @Inject(CommandService) private readonly commands: CommandService,
    @Inject(OutsideRights) private readonly rights: OutsideRights,
  ) {}

  async handle(repository: Repository, { action, remark, ...more }: RemarkHappening): Promise<Outcome> {
    const change = await this.changes.findByPull(repository.id, remark.number);
    const task = change
      ? await this.tasks.findById(change.taskId)
      : await this.issues.taskOf(repository, remark.number);
    if (!task) return action === 'created' ? this.onFreshIssue(repository, remark, more) : nothing('It has no task.');
    if (action === 'created') return this.created(repository, { task, change, remark });
    const changed =
      action === 'edited'
        ? await this.mirror.edit(repository, task, remark)
        : await this.mirror.remove(repository, task, remark);
    return changed ? done(`Task ${task.number} shows that it was ${action}.`) : nothing('It was known.');
  }

  /** Only somebody who calls Teko by name makes a task of an issue by a comment. */
  private async onFreshIssue(
    repository: Repository,
    remark: Remark,
    { issue: told }: Pick<RemarkHappening, 'issue'>,
  ): Promise<Outcome> {
    const command = await this.commandOf(remark);
    if (!command) return nothing('It is on no task and does not call Teko.');
    const refusal = await this.rights.refusal(repository, remark.author);
    if (refusal) return nothing(`${refusal}.`);
    await this.tracker.acknowledge(repository, remark);
    const issue = told ?? (await this.tracker.issue(repository, remark.number));
    if (!issue) return nothing('The issue is gone.');
    return this.commands.onFreshIssue(repository, issue, remark, command);
  }

  private async created(
    repository: Repository,
    { task, change, remark }: { task: Task; change: Change | null; remark: Remark },
  ): Promise<Outcome> {
    const command = await this.commandOf(remark);
    const isRequest = this.isRequest(change, remark, command);
    const mirrored = await this.mirror.take(repository, task, remark, { isRequest });
    if (!mirrored) return nothing('Teko said it itself.');
    if (mirrored.link.heardAt) return nothing('It was known.');
    const outcome = await this.hear(repository, { task, change, remark }, mirrored, command);
    await this.mirror.hear(mirrored);
    return outcome;
  }

  /** Does what it asks for. */
  private async hear(
    repository: Repository,
    { task, change, remark }: { task: Task; change: Change | null; remark: Remark },
    { comment, link, isNew }: Mirrored,
    command: Command | null,
  ): Promise<Outcome> {
    if (!comment.trusted)
      return isNew ? done(`It is shown on task ${task.number}.`) : nothing('It was known, and its author may not ask.');
    if (command?.name || (command && !link.isRequest))
      return this.commands.onTask(repository, { task, change, remark, link, command });
    if (link.isRequest && isNew) await this.tracker.acknowledge(repository, remark);
    await this.intake.answer(task);
    return isNew ? done(`It is shown on task ${task.number}.`) : nothing('It was known.');
  }

  /** What asks for more work on a change of Teko's: reviews, and words to Teko that are no command. */
  private isRequest(change: Change | null, { kind, verdict, author }: Remark, command: Command | null): boolean {
    if (!change || author.isBot || command?.name) return false;
    if (kind === 'review') return verdict !== 'approved';
    return kind === 'review_comment' || command !== null;
  }

  private async commandOf({ author, body, kind }: Remark): Promise<Command | null> {
    if (author.isBot || (kind === 'review' && !body)) return null;
    return commandIn(body, await this.rights.names());
  }
}
