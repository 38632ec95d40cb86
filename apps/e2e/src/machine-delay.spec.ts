import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { MachineDelay, othersShare } from './machine-delay';

it.each([
  ['an idle machine', 0, 0, 0],
  ['the test only', 100, 100, 0],
  ['others only', 100, 0, 1],
  ['both equally', 100, 50, 0.5],
  ['a child whose CPU time was counted late', 100, 120, 0],
  ['a child that left the test', 100, -20, 1],
])('computes the CPU share of other processes: %s', (_what, all, own, share) => {
  expect(othersShare({ all: 1000, own: 500 }, { all: 1000 + all, own: 500 + own })).toBe(share);
});

it('does not subtract the CPU time of the work itself', async () => {
  const loops = Array.from({ length: 6 }, () => spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }));
  onTestFinished(() => loops.forEach((loop) => void loop.kill('SIGKILL')));
  const { netMs, delayMs } = await MachineDelay.measure(() => delay(2_000));
  // Six busy loops of the test compete with whatever else runs on the machine.
  expect(delayMs).toBeLessThan(netMs);
});
