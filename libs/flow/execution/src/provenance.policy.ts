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

/**
 * Decides whether a run can store insights for later runs: only if all text that its agent was shown comes from people
 * who are allowed to request work.
 */
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

  /** Returns why the run cannot store insights, or null if it can. */
  async refusalReason({
    run,
    task,
    repository,
  }: Pick<RunContext, 'run' | 'task' | 'repository'>): Promise<string | null> {
    for (const source of await this.sourceTasks(task)) {
      const refusal =
        (await forbiddenMessage(this.requester.requirePermission(source, run, repository))) ??
        (await this.authorRefusal(source, repository)) ??
        (await this.commenterRefusal(source, repository));
      if (refusal) return refusal;
    }
    return null;
  }

  /** Returns the task and, for a review, the task of the reviewed change, whose text influenced the change. */
  private async sourceTasks(task: Task): Promise<Task[]> {
    const change = task.changeId === null ? null : await this.changes.findById(task.changeId);
    const origin = change && (await this.tasks.findById(change.taskId));
    return origin && origin.id !== task.id ? [task, origin] : [task];
  }

  /** Checks the author of the issue, who need not be the requester. The text of a review task is written by Teko. */
  private async authorRefusal({ source, kind, issueNumber }: Task, repository: Repository): Promise<string | null> {
    if (kind === 'review' || (source !== 'github' && source !== 'jira')) return null;
    const issue = issueNumber === null ? null : await this.tracker.issue(repository, issueNumber);
    if (!issue) return 'The author of the issue is unknown.';
    const { login, isBot } = issue.author;
    if (isBot) return `${login}, the author of the issue, is a bot.`;
    const permission = await this.forge.permissionOf(repository, login);
    if (permission === 'write' || permission === 'admin') return null;
    return `${login}, the author of the issue, has no write access to ${repository.name}.`;
  }

  /** Checks the authors of comments in Teko. External comments are only shown to agents if their authors are trusted. */
  private async commenterRefusal({ id }: Task, repository: Repository): Promise<string | null> {
    const comments = (await this.comments.findLatest(id, MAX_COMMENTS)).filter(isVisibleToAgent);
    for (const userId of new Set(comments.flatMap(({ authorId }) => authorId ?? []))) {
      const refusal = await forbiddenMessage(this.requester.requirePermissionOf(userId, repository));
      if (refusal) return refusal;
    }
    return null;
  }
}

async function forbiddenMessage(check: Promise<void>): Promise<string | null> {
  try {
    await check;
    return null;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'forbidden') return error.message;
    throw error;
  }
}
