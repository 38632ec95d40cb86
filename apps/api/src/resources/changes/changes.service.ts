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

/** Operations on changes. */
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

  /** Closes a change without merging. Does nothing if it is already closed. Throws if the change is a pull request, which is closed on the forge. */
  async close(id: string): Promise<Change> {
    const change = await this.get(id);
    if (change.status === 'closed') return change;
    if (change.status === 'merged') throw new IllegalTransitionError('change', 'merged', 'closed');
    if (change.pullRequestNumber)
      throw new ConflictError(
        `pull request ${change.pullRequestNumber} has to be closed on the forge; the change is then updated`,
      );
    const closed = await this.changes.update(id, { status: 'closed', updatedAt: this.clock.now() });
    const { repositoryId, taskId, runId } = closed;
    await this.events.record({ type: 'change', subjectId: id, repositoryId, taskId, runId });
    return closed;
  }

  /** Creates a review task for the change. */
  async requestReview(id: string, actor: Actor): Promise<Task> {
    const change = await this.get(id);
    const title = `Review change ${change.number}: ${change.title}`.slice(0, 200);
    const { repositoryId, baseBranch } = change;
    const origin = await this.tasks.findById(change.taskId);
    // The demo's change has a recorded review, which only a demo task replays.
    const source = origin?.source === 'demo' ? 'demo' : 'form';
    return this.intake.createTask({ kind: 'review', title, repositoryId, baseBranch, changeId: id, source }, actor);
  }
}
