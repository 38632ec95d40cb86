import { parseDiff } from '../../../libs/adapters/local/src/diff';
import { mutate, oddText } from '../mutate';
import type { Random } from '../random';
import type { FuzzTarget } from '../target';

/** Separates the two listings in an input; git prints neither. */
const SEPARATOR = Buffer.from('\n=====\n');

function path(random: Random): string {
  return oddText(random, 30).replace(/\0/g, '') || 'x';
}

function listings(random: Random): { raw: string; numstat: string } {
  const ids = `${'0'.repeat(40)} ${'f'.repeat(40)}`;
  const count = random.chance(0.01) ? random.size(20_000) : random.size(30);
  let [raw, numstat] = ['', ''];
  for (let n = 0; n < count; n++) {
    const letter = random.pick(['A', 'M', 'D', 'T', 'U', 'X', 'R100', 'C075', 'R']);
    const counts = random.pick(['1\t2', '-\t-', '0\t0', '99999999999999999999\t1', 'x\ty', '\t']);
    const [from, to] = [path(random), path(random)];
    const moved = /^[RC]/.test(letter);
    raw += `:100644 100644 ${ids} ${letter}\0${from}\0${moved ? `${to}\0` : ''}`;
    numstat += moved ? `${counts}\t\0${from}\0${to}\0` : `${counts}\t${from}\0`;
  }
  return { raw, numstat };
}

export const diff: FuzzTarget = {
  name: 'diff',
  maxMs: 2_000,
  generate(random) {
    const { raw, numstat } = listings(random);
    const broken = random.chance(0.7);
    const part = (text: string) => (broken ? mutate(Buffer.from(text), random) : Buffer.from(text));
    return Buffer.concat([part(raw), SEPARATOR, part(numstat)]);
  },
  check(input) {
    const at = input.indexOf(SEPARATOR);
    const [raw, numstat] =
      at < 0 ? [input, Buffer.alloc(0)] : [input.subarray(0, at), input.subarray(at + SEPARATOR.length)];
    for (const file of parseDiff(raw.toString(), numstat.toString())) {
      if (typeof file.path !== 'string') throw new Error(`a file without a path: ${JSON.stringify(file)}`);
      if (file.oldPath !== null && typeof file.oldPath !== 'string') throw new Error('a file without an old path');
      if (!(file.additions >= 0) || !(file.deletions >= 0)) throw new Error(`no count: ${JSON.stringify(file)}`);
    }
  },
};
