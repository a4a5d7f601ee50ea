/**
 * Milliseconds of processor time that this process spends until `work` has ended: what a computation costs, however busy the machine is. What
 * its children and its servers spend is not in it.
 */
export async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
