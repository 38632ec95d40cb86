import type { Random } from './random';

/** Something that reads hostile input. */
export interface FuzzTarget {
  name: string;
  /** Returns an input. Equal random numbers give equal inputs. */
  generate(random: Random): Buffer;
  /** Handles an input. Throws only if the code under test is wrong. */
  check(input: Buffer): void | Promise<void>;
  /** No input may take longer. */
  maxMs: number;
  /** Called before the first input; the result releases what it holds. */
  open?(): Promise<() => Promise<void>>;
}

export class FuzzFailure extends Error {
  constructor(
    readonly input: Buffer,
    readonly seed: number,
    readonly iteration: number,
    cause: unknown,
  ) {
    super(`iteration ${iteration} of seed ${seed}: ${(cause as Error)?.stack ?? String(cause)}`);
  }
}
