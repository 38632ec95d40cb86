import { ChildProcess } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileChannel } from './file-channel';

const MAX_READ_BYTES = 64 * 1024;
const MAX_ENTRIES = 50;
/** More than any correct answer here may need. */
const MAX_FLOOD_BYTES = 4 * 1024 * 1024;

/** A file program that answers with bytes of the fuzzer. */
class FakeProgram extends ChildProcess {
  override stdin = new PassThrough();
  override stdout = new PassThrough();
  override stderr = new PassThrough();
  isKilled = false;

  end(): void {
    if (this.isKilled) return;
    this.isKilled = true;
    this.emit('close', null, 'SIGKILL');
  }
}

type Random = () => number;

/** Returns a reproducible sequence of numbers from 0 to 1. */
function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <T>(random: Random, values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
const bytesOf = (random: Random, length: number) =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));

/** Correct answers, which mutations start from. */
function validAnswer(random: Random, id: number): string {
  return pick(random, [
    JSON.stringify({ id, value: {} }),
    JSON.stringify({ id, value: { content: bytesOf(random, 50).toString('base64'), truncated: random() < 0.5 } }),
    JSON.stringify({ id, value: { entries: [{ path: 'a/ü', type: 'file', bytes: 3 }] } }),
    JSON.stringify({ id, error: 'no such file' }),
  ]);
}

const HOSTILE_TEXTS = [
  '',
  'null',
  '[]',
  '1e999',
  '{"__proto__":{"id":1}}',
  '{"id":1,"value":{"content":"AAAA","truncated":false},"extra":1}',
  '{"id":1,"value":{"content":5,"truncated":false}}',
  '{"id":1,"value":{"entries":[{"path":"","type":"file","bytes":-1}]}}',
  '{"id":1,"value":{"entries":{"length":1e9}}}',
  '{"id":1,"error":{"message":"x"}}',
  '"\\ud800"',
];

function hostileBytes(random: Random, id: number): Buffer {
  const valid = Buffer.from(validAnswer(random, id));
  switch (Math.floor(random() * 9)) {
    case 0:
      return Buffer.concat([valid, Buffer.from('\n')]);
    case 1:
      return bytesOf(random, Math.floor(random() * 2000));
    case 2: {
      for (let i = 0; i < 1 + random() * 5; i++)
        valid[Math.floor(random() * valid.length)] = Math.floor(random() * 256);
      return Buffer.concat([valid, Buffer.from('\n')]);
    }
    case 3:
      return Buffer.concat([valid.subarray(0, Math.floor(random() * valid.length)), Buffer.from('\n')]);
    case 4:
      return Buffer.concat([valid, Buffer.from('\n'), valid, Buffer.from('\n')]);
    case 5:
      return Buffer.from(`${pick(random, HOSTILE_TEXTS)}\n`);
    case 6:
      return Buffer.alloc(Math.floor(random() * MAX_FLOOD_BYTES), pick(random, ['a', '[', '\0', '{"id":1,', '\n']));
    case 7:
      return Buffer.from(`${'['.repeat(Math.floor(random() * 100_000))}\n`);
    default:
      return Buffer.from(`${validAnswer(random, id + Math.floor(random() * 3) - 1)}\n`);
  }
}

/** Writes bytes in pieces, so that characters and lines are split anywhere. */
async function writeInPieces(random: Random, program: FakeProgram, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length && !program.isKilled;) {
    const length = 1 + Math.floor(random() * (bytes.length > 10_000 ? 65_536 : 40));
    program.stdout.write(bytes.subarray(at, at + length));
    at += length;
    if (random() < 0.3) await nextTurn();
  }
}

/**
 * Feeds the host's side of the file channel with hostile answers until `deadline` (milliseconds since 1970). Throws if a request does
 * not settle, settles with an unexpected error or a value of the wrong shape, or if memory grows. Returns the number of rounds.
 */
export async function fuzzFileChannel(seed: number, deadline: number, maxRounds = Infinity): Promise<number> {
  const memoryAtStart = process.memoryUsage().rss;
  let rounds = 0;
  for (; rounds < maxRounds && Date.now() < deadline; rounds++) {
    await fuzzRound(randomNumbers(seed + rounds), seed + rounds);
    const growth = process.memoryUsage().rss - memoryAtStart;
    if (growth > 512 * 1024 * 1024) throw new Error(`memory grew by ${growth} bytes (seed ${seed + rounds})`);
  }
  return rounds;
}

async function fuzzRound(random: Random, seed: number): Promise<void> {
  const program = new FakeProgram();
  const channel = new FileChannel({ child: program, kill: () => program.end() }, () => undefined);
  for (let id = 1; id <= 3; id++) {
    const answer = pick(random, [
      () => channel.readFile('a', MAX_READ_BYTES),
      () => channel.writeFile('a', Buffer.from('x'), null),
      () => channel.list('.', 1, MAX_ENTRIES),
    ])();
    const settled = answer.then(
      (value) => check(value, seed),
      (error: unknown) => {
        if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) throw error;
      },
    );
    await nextTurn();
    while (!program.isKilled && (await isPending(settled)))
      await writeInPieces(random, program, hostileBytes(random, id));
    await settled;
    if (random() < 0.1) program.end();
  }
  program.end();
  await channel.ended;
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  return (await Promise.race([promise, nextTurn(pending)])) === pending;
}

function check(value: unknown, seed: number): void {
  const isValid =
    value === undefined ||
    (Array.isArray(value)
      ? value.length <= MAX_ENTRIES && value.every(({ path }) => typeof path === 'string')
      : Buffer.isBuffer((value as { content: unknown }).content) &&
        (value as { content: Buffer }).content.length <= MAX_READ_BYTES);
  if (!isValid) throw new Error(`an invalid value was accepted (seed ${seed})`);
}
