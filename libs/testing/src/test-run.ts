import { randomBytes, randomInt } from 'node:crypto';

/** True in `npm run test:full`, which runs every case of the exhaustive tests. */
export const FULL = process.env.TEKO_TEST_FULL === 'yes';

/** One in this many cases of an exhaustive test runs in an ordinary run. */
export const SAMPLE_EVERY = 4;

/** A name for a MariaDB database that tells which run of the tests made it, so that what a killed run left is found and dropped. */
export function testDatabaseName(purpose: string): string {
  const run = process.env.TEKO_TEST_RUN ?? `p${process.pid}`;
  return `teko_test_${run}_${purpose}_${randomBytes(3).toString('hex')}`;
}

/**
 * The cases of an exhaustive test that run this time: all of them in a full run, otherwise every fourth. The sample begins at
 * TEKO_TEST_OFFSET, which `npm test` takes from the commit, so that each commit runs another one; it is printed.
 */
export function sampleOf<T>(title: string, cases: readonly T[], every = SAMPLE_EVERY): T[] {
  if (FULL) return [...cases];
  const start = process.env.TEKO_TEST_OFFSET ?? '0';
  if (!/^\d+$/.test(start)) throw new Error(`TEKO_TEST_OFFSET: ${start} is not a whole number`);
  const offset = Number(start) % every;
  const chosen = cases.filter((_, index) => index % every === offset);
  if (chosen.length === 0) throw new Error(`${title}: none of ${cases.length} cases is in the sample`);
  process.stdout.write(
    `${title}: ${chosen.length} of ${cases.length} cases, every ${every}th from case ${offset + 1}\n`,
  );
  return chosen;
}

/** Random numbers from 0 to 1 whose seed is printed; TEKO_TEST_SEED replays them. */
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
