import type { Random } from './random';

const INTERESTING = [
  '',
  '\0',
  '\n',
  '\r\n',
  '\ud800',
  '\u202e',
  '-1',
  '0',
  '1e999',
  'NaN',
  'null',
  '__proto__',
  '../',
  '"',
  '<',
  '&#0;',
  '{}',
];
const MAX_GROWTH = 256 * 1024;

/** Changes bytes as transmission errors and attackers do: flips, cuts, repeats, moves and inserts. Sometimes changes nothing. */
export function mutate(input: Buffer, random: Random): Buffer {
  let bytes = input;
  for (let rounds = random.below(6); rounds > 0; rounds--) bytes = mutateOnce(bytes, random);
  return bytes;
}

function mutateOnce(input: Buffer, random: Random): Buffer {
  const at = random.below(input.length + 1);
  const end = Math.min(input.length, at + random.size(Math.max(3, input.length - at)));
  const [before, middle, after] = [input.subarray(0, at), input.subarray(at, end), input.subarray(end)];
  switch (random.below(7)) {
    case 0:
      return Buffer.concat([before, random.bytes(Math.min(middle.length, 64)), after]);
    case 1:
      return Buffer.concat([before, after]);
    case 2: {
      const times = Math.min(random.size(2_000), Math.floor(MAX_GROWTH / (middle.length + 1)));
      return Buffer.concat([before, ...Array.from({ length: times + 1 }, () => middle), after]);
    }
    case 3:
      return Buffer.concat([before, Buffer.from(random.pick(INTERESTING)), middle, after]);
    case 4:
      return Buffer.concat([middle, before, after]);
    case 5: {
      const copy = Buffer.from(input);
      if (copy.length > 0) copy[at % copy.length]! ^= 1 << random.below(8);
      return copy;
    }
    default:
      return input.subarray(0, at);
  }
}

/** Text of odd characters, sometimes long. */
export function oddText(random: Random, maxLength = 40): string {
  const parts = random.list(maxLength, () =>
    random.chance(0.15)
      ? random.pick(INTERESTING)
      : String.fromCodePoint(random.chance(0.9) ? 32 + random.below(95) : random.below(0x3000)),
  );
  const text = parts.join('');
  return random.chance(0.02) ? text.repeat(1 + random.below(3_000)).slice(0, 200_000) : text;
}

/** A JSON value of any shape. */
export function oddJson(random: Random, depth = 0): unknown {
  switch (random.below(depth > 6 ? 5 : 8)) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return random.pick([0, -1, 1, 1e308, 2 ** 53, -0.5, random.below(2 ** 31)]);
    case 2:
    case 3:
    case 4:
      return oddText(random, 20);
    case 5:
      return random.list(8, () => oddJson(random, depth + 1));
    default:
      return Object.fromEntries(random.list(8, () => [oddText(random, 8), oddJson(random, depth + 1)]));
  }
}
