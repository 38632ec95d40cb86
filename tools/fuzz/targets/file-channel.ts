import { fuzzFileChannel } from '../../../libs/adapters/sandbox/src/files/fuzz-file-channel';
import type { FuzzTarget } from '../target';

const ROUNDS = 3;
const TIMEOUT_MS = 60_000;

/** The host's side of the sandbox's file channel. An input is the seed of what the file program answers. */
export const fileChannel: FuzzTarget = {
  name: 'file-channel',
  maxMs: 10_000,
  generate: (random) => random.bytes(4),
  async check(input) {
    const seed = Buffer.concat([input, Buffer.alloc(4)]).readUInt32BE();
    const rounds = await fuzzFileChannel(seed, Date.now() + TIMEOUT_MS, ROUNDS);
    if (rounds < ROUNDS) throw new Error(`${rounds} rounds took ${TIMEOUT_MS / 1000} s`);
  },
};
