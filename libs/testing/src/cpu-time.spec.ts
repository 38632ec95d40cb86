import { expect, it } from 'vitest';
import { measureCpuMs } from './cpu-time';

const SPENT_MS = 30;

it('counts what the work spends, also after it has waited', async () => {
  const spend = () => {
    const before = process.cpuUsage();
    for (let spent = { user: 0, system: 0 }; spent.user + spent.system < SPENT_MS * 1_000;)
      spent = process.cpuUsage(before);
  };
  const work = async () => {
    await new Promise(setImmediate);
    spend();
  };
  expect(await measureCpuMs(work)).toBeGreaterThanOrEqual(SPENT_MS);
});
