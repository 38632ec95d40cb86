import type { Run } from '@teko/domain';
import { RunAborted } from './run-result';

/** A run whose workers died this often is ended instead of executed: it may be what kills them. */
const MAX_WORKER_DEATHS = 3;

/** Throws RunAborted if too many workers died while they executed the run. */
export function requireWorkersToSurvive({ workerDeaths, phase }: Run): void {
  if (workerDeaths < MAX_WORKER_DEATHS) return;
  const where = phase ? `, most recently in the phase "${phase}"` : '';
  throw new RunAborted(
    'worker_died',
    `The process of the worker died ${workerDeaths} times while it executed this run${where}. ` +
      'The run was ended so that it does not stop Teko again. The log of the worker may say why; then retry the task.',
  );
}

/** Whether there may be work of the agent to save. After too many deaths it is tried once: saving it may be what kills the workers. */
export function canHaveWork({ phase, workerDeaths }: Run): boolean {
  if (workerDeaths >= MAX_WORKER_DEATHS) return workerDeaths === MAX_WORKER_DEATHS;
  return phase !== 'prepare';
}
