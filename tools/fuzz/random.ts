/** A source of random numbers that repeats itself for a seed. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** Small numbers are more likely than large ones. */
  size(end: number): number {
    return Math.floor(end ** this.next()) - 1;
  }

  list<T>(maxLength: number, make: () => T): T[] {
    return Array.from({ length: this.size(maxLength + 2) }, make);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** Returns the seed of one input, so that it can be repeated alone. */
export function seedOf(seed: number, target: string, iteration: number): number {
  let hash = seed | 0;
  for (const char of `${target}:${iteration}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash;
}
