import { parseArgs } from 'node:util';

const SETS = ['functions', 'changes', 'issues'] as const;

export interface Options {
  roots: string[];
  patches: string[];
  issues: string[];
  count: number;
  seed: number;
  only: (typeof SETS)[number] | null;
}

/** Differs from the seed that the weights were tuned with. */
const SEED = 11;
const COUNT = 200;

export function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      root: { type: 'string', multiple: true, default: [] },
      patches: { type: 'string', multiple: true, default: [] },
      issues: { type: 'string', multiple: true, default: [] },
      count: { type: 'string', default: String(COUNT) },
      seed: { type: 'string', default: String(SEED) },
      only: { type: 'string' },
    },
  });
  const number = (name: 'count' | 'seed') => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} must be a positive integer, not "${values[name]}"`);
    return value;
  };
  const only = SETS.find((set) => set === values.only) ?? null;
  if (values.only !== undefined && !only)
    throw new Error(`--only must be one of ${SETS.join(', ')}, not "${values.only}"`);
  const { root: roots, patches, issues } = values;
  return { roots, patches, issues, count: number('count'), seed: number('seed'), only };
}
