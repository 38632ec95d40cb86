import { DomainError, InvalidError, ModelError, UnavailableError } from '@teko/domain';
import type { RunOutcome } from '@teko/contracts';
import type { Agent } from './agents';
import { RunAborted, type RunResult, type StopCause } from './run-result';

const OUTCOME_BY_SERVICE: Record<string, RunOutcome> = { sandbox: 'sandbox_error', git: 'repository_error' };

/** Returns the result of a run that was stopped or failed with an error, with a message for the user. */
export function runResultOf(error: unknown, cause: StopCause | null, agent: Agent): RunResult {
  if (cause === 'cancelled') return { status: 'cancelled', outcome: 'cancelled', detail: 'The run was cancelled.' };
  if (cause === 'time')
    return failed(
      'time_limit',
      `The run exceeded its time limit of ${Math.round(agent.limits.wallMs / 60_000)} minutes.`,
    );
  if (error instanceof RunAborted) return failed(error.outcome, error.message);
  if (error instanceof ModelError) return failed('model_error', `The model call failed: ${error.message}.`);
  if (error instanceof UnavailableError)
    return failed(OUTCOME_BY_SERVICE[error.service] ?? 'internal_error', error.message);
  if (error instanceof InvalidError) return failed('rejected_change', `The result was rejected: ${error.message}.`);
  if (error instanceof DomainError && error.code === 'forbidden') return failed('not_allowed', error.message);
  if (error instanceof DomainError) return failed('internal_error', error.message);
  return failed('internal_error', 'Teko had an internal error. See the log for details.');
}

function failed(outcome: RunOutcome, detail: string): RunResult {
  return { status: 'failed', outcome, detail };
}
