import { expect, it } from 'vitest';
import { fuzzLoop } from './fuzz-loop';
import { Random } from './random';
import type { FuzzTarget } from './target';
import { TARGETS } from './targets';

/* The first seconds of `npm run fuzz`, always the same inputs. */
const SEED = 1;
const DURATION_MS = 2_000;
const MAX_INPUTS = 300;

const cheap = TARGETS.filter(({ open }) => !open);

it.each(cheap)('$name handles every input', async (target) => {
  const options = { seed: SEED, firstIteration: 0, durationMs: DURATION_MS, maxIterations: MAX_INPUTS };
  expect(await fuzzLoop(target, options)).toBeGreaterThan(0);
});

it.each(cheap)('$name generates the same input for the same seed, and others for others', ({ generate }) => {
  const inputs = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 8 }, () => generate(random).toString('hex')).join();
  };
  expect(inputs(7)).toBe(inputs(7));
  expect(inputs(7)).not.toBe(inputs(8));
});

it('names seed and iteration of an input that fails or takes too long', async () => {
  const target: FuzzTarget = {
    name: 'broken',
    maxMs: 1,
    generate: (random) => Buffer.from([random.below(256)]),
    check([byte = 0]) {
      if (byte > 200) throw new TypeError('boom');
    },
  };
  const options = { seed: SEED, firstIteration: 0, durationMs: 60_000 };
  await expect(fuzzLoop({ ...target, maxMs: 1e9 }, options)).rejects.toThrow(
    /iteration \d+ of seed 1: TypeError: boom/,
  );
  const slow = { ...target, check: () => void Array.from({ length: 3_000_000 }, Math.sqrt) };
  await expect(fuzzLoop(slow, options)).rejects.toThrow(/took \d+ ms, more than 1 ms/);
});
