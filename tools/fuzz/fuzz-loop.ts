import { Random, seedOf } from './random';
import { FuzzFailure, type FuzzTarget } from './target';

export interface LoopOptions {
  seed: number;
  firstIteration: number;
  /** Ends after this time or this many inputs. */
  durationMs: number;
  maxIterations?: number;
  /** Called before each input, so that the input of a crash or hang is known. */
  onInput?(input: Buffer, iteration: number): void;
}

/** Checks inputs until the time is over and returns how many. Throws FuzzFailure at the first that fails or takes too long. */
export async function fuzzLoop(target: FuzzTarget, options: LoopOptions): Promise<number> {
  const { seed, firstIteration, durationMs, maxIterations = Infinity, onInput } = options;
  const end = performance.now() + durationMs;
  let count = 0;
  for (; count < maxIterations && performance.now() < end; count++) {
    const iteration = firstIteration + count;
    const input = target.generate(new Random(seedOf(seed, target.name, iteration)));
    onInput?.(input, iteration);
    const start = process.cpuUsage();
    try {
      await target.check(input);
    } catch (error) {
      throw new FuzzFailure(input, seed, iteration, error);
    }
    // Of this process: other load on the machine does not count.
    const used = process.cpuUsage(start);
    const ms = (used.user + used.system) / 1000;
    if (ms > target.maxMs)
      throw new FuzzFailure(
        input,
        seed,
        iteration,
        new Error(`took ${Math.round(ms)} ms, more than ${target.maxMs} ms`),
      );
  }
  return count;
}
