import { expect, it } from 'vitest';
import { measureCpuMs } from './cpu-time';

const CPU_MS = 30;

it('measures the CPU time of the work, also after an await', async () => {
  const useCpu = () => {
    const before = process.cpuUsage();
    for (let used = { user: 0, system: 0 }; used.user + used.system < CPU_MS * 1_000;) used = process.cpuUsage(before);
  };
  const work = async () => {
    await new Promise(setImmediate);
    useCpu();
  };
  expect(await measureCpuMs(work)).toBeGreaterThanOrEqual(CPU_MS);
});
