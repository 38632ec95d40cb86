import { Inject, Injectable, Logger } from '@nestjs/common';
import type { RunOutcome } from '@teko/contracts';
import { LeaseLostError, type ResumePoint } from '@teko/domain';
import { Approvals } from './approvals';
import type { RunResult } from './run-result';
import type { RunContext } from './run-context';
import { Delivery } from './settings';

/** After these somebody may want to go on with what is there. */
const UNFINISHED: RunOutcome[] = [
  'turn_limit',
  'time_limit',
  'token_limit',
  'budget_limit',
  'no_progress',
  'not_finished',
  'model_error',
  'gate_red',
  'tests_changed',
];

/** Keeps what a run did that did not come to its end: on its branch where nobody has to look at it first. */
@Injectable()
export class WorkInProgress {
  private readonly logger = new Logger(WorkInProgress.name);

  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(Delivery) private readonly delivery: Delivery,
  ) {}

  /** Writes the note to go on from, and says in the ending where the work is. */
  async keep(scope: RunContext, ending: RunResult): Promise<RunResult> {
    const { run } = scope;
    if (!run.headCommit || run.agentType !== 'implementation' || scope.isReplay) return ending;
    const cancelled = ending.outcome === 'cancelled';
    if (!cancelled && !UNFINISHED.includes(ending.outcome)) return ending;
    // After a cancel nothing leaves Teko.
    // Nor does what is not proven go onto a change that people look at.
    const branch = cancelled || scope.lineage.isFollowUp ? null : await this.push(scope, run.headCommit);
    const { verdict = null, newFailures = [], oldFailures = [] } = run.gate ?? {};
    const resumePoint: ResumePoint = {
      version: 1,
      outcome: ending.outcome,
      baseCommit: run.baseCommit!,
      headCommit: run.headCommit,
      branch,
      turns: run.turns,
      verdict,
      failing: [...newFailures, ...oldFailures],
    };
    await scope.update({ branch, resumePoint });
    const commit = run.headCommit.slice(0, 12);
    const where = branch ? `on branch ${branch} as commit ${commit}` : `as commit ${commit}`;
    return { ...ending, detail: `${ending.detail} The work so far is kept ${where}.` };
  }

  /** Null where people would have to approve it first, or where it may not or cannot be put there. */
  private async push(scope: RunContext, headCommit: string): Promise<string | null> {
    const { run, task, repository } = scope;
    try {
      if ((await this.approvals.reasons(scope)).length > 0) return null;
      return await this.delivery.keep(
        { run, task, repository, headCommit, continued: scope.lineage.continued },
        scope.fence,
      );
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      this.logger.warn(`run ${run.number}: its work could not be put on a branch: ${(error as Error).message}`);
      return null;
    }
  }
}
