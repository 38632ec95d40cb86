import type { Budget } from '@teko/domain';

const SCOPES: Record<Budget['scope'], string> = {
  installation: 'everything',
  repository: 'the repository',
  user: 'who asked for it',
  task: 'the task',
  run: 'the run',
  agent: 'the agent',
};

/** Says that the next call could pass a budget. */
export function budgetMessage({ scope, period, limitMicros }: Budget, worstMicros: number): string {
  const time = period === 'month' ? 'a month' : 'in all';
  return `The budget of ${dollars(limitMicros)} ${time} for ${SCOPES[scope]} does not hold the next call, which may cost ${dollars(worstMicros)}.`;
}

/** Says what is missing where a model's price is not known. */
export function unknownPrice(model: string): string {
  return `The price of ${model} is not known. Set it in TEKO_PRICES: as ${model}=INPUT/CACHED/OUTPUT in dollars for a million tokens, or as ${model}=free.`;
}

function dollars(micros: number): string {
  return `$${(micros / 1e6).toFixed(micros >= 1e6 ? 2 : 4)}`;
}
