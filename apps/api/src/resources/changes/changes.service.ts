import { Inject, Injectable } from '@nestjs/common';
import {
  ChangeRepository,
  Clock,
  ConflictError,
  GitMirrors,
  IllegalTransitionError,
  TaskRepository,
  type Change,
  type Task,
} from '@teko/domain';
import { IntakeService, type Actor } from '@teko/intake';
import { Events } from '@teko/platform';
import { findOrThrow } from '../../http/find-or-throw';

/** What people do with changes. */
@Injectable()
export class ChangesService {
  constructor(
    @Inject(ChangeRepository) private readonly changes: ChangeRepository,
    @Inject(TaskRepository) private readonly tasks: TaskRepository,
    @Inject(GitMirrors) private readonly mirrors: GitMirrors,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Events) private readonly events: Events,
  ) {}

  get(id: string): Promise<Change> {
    return findOrThrow('change', id, this.changes.findById(id));
  }

  async diff(id: string) {
    const change = await this.get(id);
    return this.mirrors.diff(change.repositoryId, change.baseCommit, change.headCommit);
  }

  /** Closes a change without merging; closing it twice is no error. One that is a pull request is closed on the forge. */
  async close(id: string): Promise<Change> {
    const change = await this.get(id);
    if (change.status === 'closed') return change;
    if (change.status === 'merged') throw new IllegalTransitionError('change', 'merged', 'closed');
    if (change.pullRequestNumber)
      throw new ConflictError(`close pull request ${change.pullRequestNumber} on the forge: the change follows it`);
    const closed = await this.changes.update(id, { status: 'closed', updatedAt: this.clock.now() });
    const { repositoryId, taskId, runId } = closed;
    await this.events.record({ type: 'change', subjectId: id, repositoryId, taskId, runId });
    return closed;
  }

  /** Makes a task that asks for a review of the change. */
  async requestReview(id: string, actor: Actor): Promise<Task> {
    const change = await this.get(id);
    const title = `Review change ${change.number}: ${change.title}`.slice(0, 200);
    const { repositoryId, baseBranch } = change;
    const origin = await this.tasks.findById(change.taskId);
    // The review of the demo's own change is recorded, as that change was.
    const source = origin?.source === 'demo' ? 'demo' : 'form';
    return this.intake.createTask({ kind: 'review', title, repositoryId, baseBranch, changeId: id, source }, actor);
  }
}
