import type { RunPhase } from '@teko/contracts';
import type { Lease, Repository, Run, RunRepository, Task } from '@teko/domain';
import type { Agent } from './agents';
import type { Lineage } from './lineage';
import type { RunJournal } from './run-journal';
import type { RunSupervisor } from './run-supervisor';
import type { RecordEvent } from './settings';
import type { Workspaces } from './workspaces';

/** A claimed run with everything that is needed to work on it. */
export class RunContext {
  /** Model to use if the run's own does not respond. */
  fallback: string | null = null;

  constructor(
    public run: Run,
    readonly lease: Lease,
    readonly task: Task,
    readonly lineage: Lineage,
    /** With the rules that were in force when the run first requested an approval. */
    public repository: Repository,
    readonly agent: Agent,
    readonly supervisor: RunSupervisor,
    readonly journal: RunJournal,
    readonly workspaces: Workspaces,
    private readonly runs: RunRepository,
    private readonly record: RecordEvent,
  ) {}

  /** A replay uses recorded replies and changes nothing outside of its workspace. */
  get isReplay(): boolean {
    return this.run.origin?.kind === 'replay';
  }

  /** Updates the run under its lease and publishes the event. Throws LeaseLostError if another worker has the run. */
  async update(patch: Partial<Run>): Promise<void> {
    this.run = await this.runs.updateLeased(this.lease, patch);
    await this.announce();
  }

  /** Throws LeaseLostError if another worker has claimed the run. Call it before each side effect. */
  readonly fence = async (): Promise<void> => {
    await this.runs.updateLeased(this.lease, {});
  };

  /** Starts a phase. Throws RunStopped if the run has to stop. */
  async enterPhase(phase: RunPhase, title: string): Promise<void> {
    this.supervisor.signal.throwIfAborted();
    if (this.run.phase !== phase) await this.update({ phase });
    await this.journal.note(`phase:${phase}`, 'phase', title);
  }

  announce(): Promise<void> {
    const { id, taskId, repositoryId } = this.run;
    return this.record({ type: 'run', subjectId: id, runId: id, taskId, repositoryId });
  }
}
