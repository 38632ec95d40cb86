import { FULL } from '@teko/testing';
import { expect, it } from 'vitest';
import { fuzzFileChannel } from './fuzz-file-channel';

it('ends with an error, never an exception or a hang, whatever the file program sends', async () => {
  const rounds = FULL ? 5_000 : 150;
  expect(await fuzzFileChannel(1, Date.now() + 120_000, rounds)).toBeGreaterThan(20);
});
