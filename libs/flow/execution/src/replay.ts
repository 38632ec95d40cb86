import type { RunOutcome } from '@teko/contracts';
import type { RunResult } from './run-result';
import type { RunContext } from './run-context';

/** These say nothing about what is replayed. */
const OWN_ENDINGS: RunOutcome[] = [
  'cancelled',
  'time_limit',
  'sandbox_missing',
  'sandbox_error',
  'repository_error',
  'internal_error',
];

/** A replay succeeds where all was said as it was then, and ended as it did then. */
export async function replayEnding(scope: RunContext, ending: RunResult): Promise<RunResult> {
  if (OWN_ENDINGS.includes(ending.outcome)) return ending;
  const { run, journal } = scope;
  const { source } = scope.lineage;
  const divergence = await journal.find('divergence');
  const [then, now] = [source?.gate?.verdict ?? 'none', run.gate?.verdict ?? 'none'];
  const differences = [
    divergence && `${divergence.title}: the step shows how.`,
    then !== now && `The gate says ${now}, then it said ${then}.`,
    ending.outcome === 'diverged' && ending.detail,
    ending.outcome !== 'replayed' &&
      source?.turns !== run.turns &&
      `It took ${run.turns} turns, then ${source?.turns ?? 'none'}.`,
  ].filter(Boolean);
  if (differences.length > 0) return { status: 'failed', outcome: 'diverged', detail: differences.join(' ') };
  return {
    status: 'succeeded',
    outcome: 'replayed',
    detail: `All ${run.turns} turns went as in run ${source?.number}.`,
  };
}
