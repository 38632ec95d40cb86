import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  CommentRepository,
  DomainError,
  Forge,
  isVisibleToAgent,
  TaskRepository,
  Tracker,
  type Repository,
  type Task,
} from '@teko/domain';
import { Requester } from '@teko/feedback';
import type { RunContext } from './run-context';

const MAX_COMMENTS = 200;

/** Says whether all that an agent was told comes from people who may ask for work: only then it may write for later runs. */
@Injectable()
export class ProvenancePolicy {
  constructor(
    @Inject(Requester) private readonly requester: Requester,
    @Inject(Forge) private readonly forge: Forge,
    @Inject(Tracker) private readonly tracker: Tracker,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(CommentRepository) private readonly comments: CommentRepository,
  ) {}

  /** Why it does not; null where it does. */
  async refusal({ run, task, repository }: Pick<RunContext, 'run' | 'task' | 'repository'>): Promise<string | null> {
    for (const one of await this.behind(task)) {
      const refusal =
        (await refusalOf(this.requester.requirePermission(one, run, repository))) ??
        (await this.ofAuthor(one, repository)) ??
        (await this.ofSpeakers(one, repository));
      if (refusal) return refusal;
    }
    return null;
  }

  /** The task, and of a review the one that its change was made for: its text speaks through the change. */
  private async behind(task: Task): Promise<Task[]> {
    const change = task.changeId === null ? null : await this.changes.findById(task.changeId);
    const origin = change && (await this.tasks.findById(change.taskId));
    return origin && origin.id !== task.id ? [task, origin] : [task];
  }

  /** Who asks for an issue need not be who wrote it. Of a review Teko itself writes the text. */
  private async ofAuthor({ source, kind, issueNumber }: Task, repository: Repository): Promise<string | null> {
    if (kind === 'review' || (source !== 'github' && source !== 'jira')) return null;
    const issue = issueNumber === null ? null : await this.tracker.issue(repository, issueNumber);
    if (!issue) return 'Who wrote the issue cannot be found out.';
    const { login, isBot } = issue.author;
    if (isBot) return `${login}, who wrote the issue, is a program.`;
    const right = await this.forge.permissionOf(repository, login);
    if (right === 'write' || right === 'admin') return null;
    return `${login}, who wrote the issue, may not write to ${repository.name}.`;
  }

  /** Outside only those are heard who may ask for work, in Teko all who may comment. */
  private async ofSpeakers({ id }: Task, repository: Repository): Promise<string | null> {
    const heard = (await this.comments.findLatest(id, MAX_COMMENTS)).filter(isVisibleToAgent);
    for (const userId of new Set(heard.flatMap(({ authorId }) => authorId ?? []))) {
      const refusal = await refusalOf(this.requester.requirePermissionOf(userId, repository));
      if (refusal) return refusal;
    }
    return null;
  }
}

async function refusalOf(check: Promise<void>): Promise<string | null> {
  try {
    await check;
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'forbidden') return error.message;
    throw error;
  }
}
