import type { RunOutcome } from '@teko/contracts';
import type { RunResult } from './run-result';
import type { RunContext } from './run-context';

/** Outcomes of the replay itself, which say nothing about the recorded run. */
const OWN_OUTCOMES: RunOutcome[] = [
  'cancelled',
  'time_limit',
  'sandbox_missing',
  'sandbox_error',
  'repository_error',
  'internal_error',
];

/** Returns `replayed` if all messages and the gate's verdict match the recorded run, else `diverged`. */
export async function replayResult(context: RunContext, result: RunResult): Promise<RunResult> {
  if (OWN_OUTCOMES.includes(result.outcome)) return result;
  const { run, journal } = context;
  const { source } = context.lineage;
  const divergence = await journal.findStep('divergence');
  const [recordedVerdict, verdict] = [source?.gate?.verdict ?? 'none', run.gate?.verdict ?? 'none'];
  const differences = [
    divergence && `${divergence.title}; see that step for details.`,
    verdict !== recordedVerdict && `The gate's verdict is ${verdict}; it was ${recordedVerdict}.`,
    result.outcome === 'diverged' && result.detail,
    result.outcome !== 'replayed' &&
      source?.turns !== run.turns &&
      `It took ${run.turns} turns instead of ${source?.turns ?? 'none'}.`,
  ].filter(Boolean);
  if (differences.length > 0) return { status: 'failed', outcome: 'diverged', detail: differences.join(' ') };
  return {
    status: 'succeeded',
    outcome: 'replayed',
    detail: `All ${run.turns} turns match run ${source?.number}.`,
  };
}
