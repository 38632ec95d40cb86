import type { Budget } from '@teko/domain';

const SCOPES: Record<Budget['scope'], string> = {
  installation: 'the whole installation',
  repository: 'the repository',
  user: 'the requester',
  task: 'the task',
  run: 'the run',
  agent: 'the agent',
};

/** Returns the error message for a model call whose maximum price exceeds what is left of a budget. */
export function budgetMessage({ scope, period, limitMicros }: Budget, maxMicros: number): string {
  const time = period === 'month' ? 'per month' : 'in total';
  return `The budget of ${dollars(limitMicros)} ${time} for ${SCOPES[scope]} does not cover the next call, which may cost ${dollars(maxMicros)}.`;
}

/** Returns the error message for a model that has no price. */
export function unknownPriceMessage(model: string): string {
  return `The price of ${model} is not known. Set it in TEKO_PRICES as ${model}=INPUT/CACHED/OUTPUT, in dollars per million tokens, or as ${model}=free.`;
}

function dollars(micros: number): string {
  return `$${(micros / 1e6).toFixed(micros >= 1e6 ? 2 : 4)}`;
}
