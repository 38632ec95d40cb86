import { randomBytes, randomInt } from 'node:crypto';

/** Whether all cases of the exhaustive tests run, as in `npm run test:full`. */
export const FULL = process.env.TEKO_TEST_FULL === 'yes';

/** An ordinary run includes one in this many cases of an exhaustive test. */
export const SAMPLE_EVERY = 4;

/** Returns a name for a MariaDB database that contains the id of the test run, so that databases of killed runs can be dropped. */
export function testDatabaseName(purpose: string): string {
  const run = process.env.TEKO_TEST_RUN ?? `p${process.pid}`;
  return `teko_test_${run}_${purpose}_${randomBytes(3).toString('hex')}`;
}

/**
 * Returns the cases of an exhaustive test to run: all of them in a full run, otherwise every fourth. The sample starts at
 * TEKO_TEST_OFFSET, which `npm test` derives from the commit, so that each commit runs a different sample. Prints the sample.
 */
export function sampleOf<T>(title: string, cases: readonly T[], every = SAMPLE_EVERY): T[] {
  if (FULL) return [...cases];
  const start = process.env.TEKO_TEST_OFFSET ?? '0';
  if (!/^\d+$/.test(start)) throw new Error(`TEKO_TEST_OFFSET: ${start} is not a whole number`);
  const offset = Number(start) % every;
  const selected = cases.filter((_, index) => index % every === offset);
  if (selected.length === 0) throw new Error(`${title}: none of ${cases.length} cases is in the sample`);
  process.stdout.write(
    `${title}: ${selected.length} of ${cases.length} cases, every ${every}th from case ${offset + 1}\n`,
  );
  return selected;
}

/** Returns a random number generator (0 to 1) and prints its seed; TEKO_TEST_SEED repeats it. */
export function seededRandom(title: string): () => number {
  let state = Number(process.env.TEKO_TEST_SEED ?? randomInt(2 ** 31));
  process.stdout.write(`${title}: replay with TEKO_TEST_SEED=${state}\n`);
  // mulberry32
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
