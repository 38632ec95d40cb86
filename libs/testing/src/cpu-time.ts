/**
 * Milliseconds of processor time that this process spends on the work, its threads included. Other processes on the machine hardly
 * lengthen it, so it tells slow code from a busy machine.
 */
export async function measureCpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
