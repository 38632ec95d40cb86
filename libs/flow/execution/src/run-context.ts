import type { Lease, Repository, Run, RunRepository, Task } from '@teko/domain';
import type { Agent } from './agents';
import type { Lineage } from './lineage';
import type { Journal } from './journal';
import type { RunSupervisor } from './run-supervisor';
import type { RecordEvent } from './settings';
import type { Workspaces } from './workspaces';

/** One run while it is worked on: what it is, and the hands it works with. */
export class RunContext {
  /** Model that stands in where the run's own does not answer. */
  fallback: string | null = null;

  constructor(
    public run: Run,
    readonly lease: Lease,
    readonly task: Task,
    readonly lineage: Lineage,
    readonly repository: Repository,
    readonly agent: Agent,
    readonly control: RunSupervisor,
    readonly journal: Journal,
    readonly workspaces: Workspaces,
    private readonly runs: RunRepository,
    private readonly record: RecordEvent,
  ) {}

  /** A replay works with recorded answers and changes nothing outside. */
  get isReplay(): boolean {
    return this.run.origin?.kind === 'replay';
  }

  /** Writes under the lease and tells the live streams. */
  async update(patch: Partial<Run>): Promise<void> {
    this.run = await this.runs.updateLeased(this.lease, patch);
    await this.announce();
  }

  /** Throws LeaseLostError where the run is another worker's by now. */
  readonly fence = async (): Promise<void> => {
    await this.runs.updateLeased(this.lease, {});
  };

  async phase(phase: string, title: string): Promise<void> {
    this.control.signal.throwIfAborted();
    if (this.run.phase !== phase) await this.update({ phase });
    await this.journal.note(`phase:${phase}`, 'phase', title);
  }

  announce(): Promise<void> {
    const { id, taskId, repositoryId } = this.run;
    return this.record({ type: 'run', subjectId: id, runId: id, taskId, repositoryId });
  }
}
