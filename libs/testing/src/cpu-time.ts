/**
 * Returns the CPU time in milliseconds that this process, including its threads, spends on `work`. Other processes on the machine hardly
 * affect it, so it distinguishes slow code from a busy machine.
 */
export async function measureCpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
