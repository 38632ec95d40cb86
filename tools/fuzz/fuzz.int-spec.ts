import { expect, it } from 'vitest';
import { fuzzLoop } from './fuzz-loop';
import { TARGETS } from './targets';

const costly = TARGETS.filter(({ open }) => open);

it.each(costly)('$name handles every input', async (target) => {
  const release = await target.open!();
  try {
    const options = { seed: 1, firstIteration: 0, durationMs: 4_000, maxIterations: 100 };
    expect(await fuzzLoop(target, options)).toBeGreaterThan(0);
  } finally {
    await release();
  }
});
