import { Inject, Injectable, Logger } from '@nestjs/common';
import type { RunOutcome } from '@teko/contracts';
import { LeaseLostError, type ResumePoint } from '@teko/domain';
import { Approvals } from './approvals';
import type { RunResult } from './run-result';
import type { RunContext } from './run-context';
import { ResultPublisher } from './settings';

/** Outcomes after which the work can be continued. */
const RESUMABLE_OUTCOMES: RunOutcome[] = [
  'turn_limit',
  'time_limit',
  'token_limit',
  'budget_limit',
  'no_progress',
  'not_finished',
  'model_error',
  'gate_red',
  'tests_changed',
  'sandbox_error',
  'internal_error',
  'not_proven',
  'worker_died',
];

/** Saves the work of unfinished runs, and pushes it to their branch if no approval is needed. */
@Injectable()
export class WorkInProgress {
  private readonly logger = new Logger(WorkInProgress.name);

  constructor(
    @Inject(Approvals) private readonly approvals: Approvals,
    @Inject(ResultPublisher) private readonly delivery: ResultPublisher,
  ) {}

  /** Stores the resume point, and adds to the result where the work is. */
  async save(context: RunContext, result: RunResult): Promise<RunResult> {
    const { run } = context;
    if (!run.headCommit || run.agentType !== 'implementation' || context.isReplay) return result;
    const isCancelled = result.outcome === 'cancelled';
    if (!isCancelled && !result.keepsWork && !RESUMABLE_OUTCOMES.includes(result.outcome)) return result;
    // Nothing is published after a cancellation, and no unverified work is pushed to a change in review.
    const branch =
      isCancelled || context.lineage.isFollowUp ? null : await this.push(context, run.headCommit, result.outcome);
    const { verdict = null, newFailures = [], oldFailures = [] } = run.gate ?? {};
    const resumePoint: ResumePoint = {
      version: 1,
      outcome: result.outcome,
      baseCommit: run.baseCommit!,
      headCommit: run.headCommit,
      branch,
      turns: run.turns,
      verdict,
      failing: [...newFailures, ...oldFailures],
    };
    await context.update({ branch, resumePoint });
    const commit = run.headCommit.slice(0, 12);
    const where = branch ? `on branch ${branch} as commit ${commit}` : `as commit ${commit}`;
    return { ...result, detail: `${result.detail} The work so far is saved ${where}.` };
  }

  /** Returns the name of the branch, or null if the work needs an approval or cannot be pushed. */
  private async push(context: RunContext, headCommit: string, outcome: RunOutcome): Promise<string | null> {
    const { run, task, repository } = context;
    const opensDraft = outcome !== 'not_proven' || repository.unprovenRule === 'open_draft';
    try {
      if (await this.approvals.isNeeded(context)) return null;
      return await this.delivery.saveUnfinished(
        { run, task, repository, headCommit, continued: context.lineage.continued, opensDraft },
        context.fence,
      );
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      this.logger.warn(`run ${run.number}: its work could not be pushed: ${(error as Error).message}`);
      return null;
    }
  }
}
