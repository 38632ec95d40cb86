import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { MachineDelay, othersShare } from './machine-delay';

it.each([
  ['an idle machine', 0, 0, 0],
  ['the test alone', 100, 100, 0],
  ['others alone', 100, 0, 1],
  ['both alike', 100, 50, 0.5],
  ['a child whose time was counted late', 100, 120, 0],
  ['a child that left the test', 100, -20, 1],
])('of %s others use a share of the processors', (_what, all, own, share) => {
  expect(othersShare({ all: 1000, own: 500 }, { all: 1000 + all, own: 500 + own })).toBe(share);
});

it('what the work itself uses is not subtracted', async () => {
  const loops = Array.from({ length: 6 }, () => spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }));
  onTestFinished(() => loops.forEach((loop) => void loop.kill('SIGKILL')));
  const { netMs, delayMs } = await MachineDelay.measure(() => delay(2_000));
  // Six loops of the test against whatever else runs on the machine.
  expect(delayMs).toBeLessThan(netMs);
});
