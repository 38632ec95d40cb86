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
  type Change,
  type CommentLink,
  type Issue,
  type ExternalComment,
  type Repository,
  type Run,
  type Task,
} from '@teko/domain';
import { TaskComments } from '@teko/platform';
import { ApprovalDecisions, SchedulingService } from '@teko/scheduling';
import { HELP, type Command } from './commands';
import { IntakeService, type Actor } from './intake.service';
import { IssueIntake } from './issue-intake.service';
import { done, nothing, type Outcome } from './outcome';
import { ExternalUserAccess } from './external-user-access.service';

/** Clocks of the forge and of this host may differ. */
const MAX_CLOCK_SKEW_MS = 5_000;

/** A command on something that Teko works on already, from somebody who may. */
interface Given {
  task: Task;
  change: Change | null;
  externalComment: ExternalComment;
  link: CommentLink;
  command: Command;
}

/** Does what people tell Teko in comments. Each comment has its effect once, however often it is told of. */
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
    @Inject(ApprovalDecisions) private readonly decisions: ApprovalDecisions,
    @Inject(TaskComments) private readonly voice: TaskComments,
    @Inject(ExternalUserAccess) private readonly rights: ExternalUserAccess,
  ) {}

  /** On an issue that has no task: `implement`, `plan` and plain words make it one. */
  async onFreshIssue(
    repository: Repository,
    issue: Issue,
    externalComment: ExternalComment,
    command: Command,
  ): Promise<Outcome> {
    const begins = command.name === null || ['implement', 'plan', 'retry'].includes(command.name);
    if (issue.isPullRequest)
      return this.sayPlainly(repository, externalComment, 'I work on issues, and on pull requests of my own.');
    if (command.name === 'help') return this.sayPlainly(repository, externalComment, HELP);
    if (!begins)
      return this.sayPlainly(repository, externalComment, `There is no work of mine on this issue yet.\n\n${HELP}`);
    if (command.faults.length > 0) return this.sayPlainly(repository, externalComment, faultsOf(command));
    try {
      const triggerKey = triggerOf(repository, externalComment);
      return await this.issues.take(repository, issue, externalComment.author, {
        command,
        triggerKey,
        at: externalComment.createdAt,
      });
    } catch (error) {
      if (!(error instanceof InvalidError)) throw error;
      return this.sayPlainly(repository, externalComment, `I cannot begin: ${error.message}.`);
    }
  }

  async onTask(repository: Repository, given: Given): Promise<Outcome> {
    const { task, externalComment, command } = given;
    await this.tracker.acknowledge(repository, externalComment);
    try {
      const answer = command.faults.length > 0 ? faultsOf(command) : await this.obey(repository, given);
      if (answer) await this.reply(given, answer);
      return done(`${externalComment.author.login} told task ${task.number}: ${command.name ?? 'words'}.`);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code === 'unavailable') throw error;
      await this.reply(given, `I cannot do that: ${error.message}.`);
      return done(`${externalComment.author.login} asked for what cannot be done: ${error.message}.`);
    }
  }

  /** Answers what is to be said; null where the deed speaks. */
  private async obey(repository: Repository, given: Given): Promise<string | null> {
    switch (given.command.name) {
      case 'stop':
        return this.stop(given);
      case 'approve':
        return this.decide(repository, given, 'approved');
      case 'reject':
        return this.decide(repository, given, 'rejected');
      case 'review':
        return this.review(repository, given);
      case 'help':
        return HELP;
      case 'split':
      case 'size':
        return `No agent of this version can ${given.command.name} issues yet.`;
      default:
        return this.again(repository, given);
    }
  }

  /** One more run, with the text of the issue as it is now. An answer to a question lets the run that asked go on. */
  private async again(repository: Repository, { task, externalComment, command }: Given): Promise<string | null> {
    const triggerKey = triggerOf(repository, externalComment);
    if (task.triggerKey === triggerKey || (await this.runs.findByTrigger(triggerKey))) return null;
    const all = await this.runs.findByTask(task.id);
    // A run that was made after this was said is what this asked for, in another word.
    if (all.some(({ createdAt }) => createdAt >= externalComment.createdAt)) return null;
    const active = all.filter((run) => !isFinal(run.status));
    if (active.length > 0) {
      await this.intake.answer(task);
      return command.name ? `Run ${active[0]!.number} of task ${task.number} is ${active[0]!.status} already.` : null;
    }
    await this.issues.refresh(repository, task, { planFirst: command.name === 'plan' });
    const { base, priority } = command;
    if (base || priority)
      await this.intake.updateTask(task.id, { ...(base && { baseBranch: base }), ...(priority && { priority }) });
    const { id } = await this.rights.actor(externalComment.author);
    await this.scheduling.requestRun(task.id, id, triggerKey);
    return null;
  }

  /** Ends what was under way when it was said; a run that was begun later goes on. */
  private async stop({ task, link, externalComment }: Given): Promise<string | null> {
    const active = (await this.active(task)).filter(({ createdAt }) => createdAt <= link.createdAt);
    if (active.length === 0 && ['new', 'analysed', 'blocked', 'needs_input'].includes(task.status)) {
      await this.intake.cancelTask(task.id, { id: null, name: externalComment.author.login });
      return 'Stopped.';
    }
    if (active.length === 0) return 'Nothing is under way.';
    for (const run of active) await this.scheduling.requestCancel(run.id);
    return `Run ${active.map(({ number }) => number).join(', ')} is stopped.`;
  }

  /** Holds for what was asked before it was said, and for nothing else. */
  private async decide(
    repository: Repository,
    { task, externalComment, command }: Given,
    decision: 'approved' | 'rejected',
  ): Promise<string | null> {
    const refusal = await this.rights.refusal(repository, externalComment.author, 'approve:Run');
    if (refusal) throw new DomainError('forbidden', refusal);
    const run = (await this.active(task)).find(({ status }) => status === 'waiting');
    if (!run) throw new ConflictError(`task ${task.number} waits for no approval`);
    const approval = await this.decisions.pending(run.id);
    if (approval.createdAt.getTime() > externalComment.createdAt.getTime() + MAX_CLOCK_SKEW_MS)
      throw new ConflictError('something else was asked since; look at it again');
    const { id: userId, name }: Actor = await this.rights.actor(externalComment.author);
    const { subjectHash } = approval;
    const note = command.text.slice(0, 2_000) || null;
    await this.decisions.decide(
      run.id,
      { subjectHash, decision, note },
      { userId, login: externalComment.author.login, name },
    );
    return null;
  }

  private async review(repository: Repository, { task, change, externalComment }: Given): Promise<string | null> {
    const subject = change ?? (await this.changes.findOpenByTask(task.id));
    if (!subject) throw new ConflictError(`task ${task.number} has no open change to review`);
    const sourceKey = `github:${repository.forgeId}#${task.issueNumber}:review:${externalComment.id}`;
    if (await this.tasks.findBySourceKey(sourceKey)) return null;
    const { id, name } = await this.rights.actor(externalComment.author);
    await this.intake.createTask(
      {
        repositoryId: repository.id,
        kind: 'review',
        title: `Review change ${subject.number}`.slice(0, 200),
        changeId: subject.id,
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

  private async reply({ task, externalComment }: Given, body: string): Promise<void> {
    const threadId = externalComment.kind === 'review_comment' ? externalComment.threadId : null;
    const key = `command:${externalComment.kind}:${task.repositoryId}:${externalComment.id}`;
    await this.voice.post(task, { body, key, runId: null, place: { number: externalComment.number, threadId } });
  }

  /** Where there is no task to keep it: looked for first, so that it is said once. */
  private async sayPlainly(repository: Repository, externalComment: ExternalComment, body: string): Promise<Outcome> {
    const { login } = await this.rights.self();
    const all = await this.tracker.comments(repository, externalComment.number);
    const said = all.some(
      (one) => one.author.login === login && one.body === body && one.createdAt >= externalComment.createdAt,
    );
    if (!said) await this.tracker.comment(repository, externalComment.number, body, null);
    return said ? nothing('It was answered.') : done(`${externalComment.author.login} was told.`);
  }

  private async active(task: Task): Promise<Run[]> {
    return (await this.runs.findByTask(task.id)).filter((run) => !isFinal(run.status));
  }
}

/** Names a comment by the forge's own identifiers. */
function triggerOf({ forgeId }: Repository, { kind, id }: ExternalComment): string {
  return `${kind}:${forgeId}:${id}`;
}

function faultsOf({ faults }: Command): string {
  return `I do not know ${faults.map((fault) => `\`${fault}\``).join(', ')}.\n\n${HELP}`;
}
