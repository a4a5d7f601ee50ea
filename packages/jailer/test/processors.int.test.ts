import { expect, onTestFinished, test } from 'vitest';
import { openJail, shell, startWith } from './support/start.ts';
import { binary, makeTableFiles } from './support/table.ts';

/** Part of its wall time that a busy program had a processor for. */
async function busyPart(limit: readonly string[]): Promise<{ part: number; layers: readonly string[] }> {
  const files = makeTableFiles(1);
  const [version = '', ...rest] = files.lines;
  const cpuGroup = files.lines
    .filter((line) => line.startsWith('cgroup cpuacct'))
    .map((line) => line.replaceAll('cpuacct', 'cpu'));
  const jailer = await startWith({
    files,
    lines: [version, ...limit, ...(limit.length > 0 ? cpuGroup : []), ...rest],
    slots: 1,
    program: binary,
    leaveOut: [],
  });
  onTestFinished(async () => {
    await jailer.close();
    files.remove();
  });
  const jail = await openJail(jailer);
  const report = await jail.run(
    shell('timeout 1.5 bash -c "while :; do :; done" & timeout 1.5 bash -c "while :; do :; done"; wait'),
  );
  const { userTimeUs, systemTimeUs, wallTimeUs } = report;
  await jail.close();
  return { part: (userTimeUs + systemTimeUs) / wallTimeUs, layers: jail.layers.map(({ detail }) => detail) };
}

test('a slot gets no more of the processors than its table says (twin: without the line it takes what there is)', async () => {
  const limited = await busyPart(['cpu-milli 50']);
  expect(limited.layers.join()).toContain('cpu (0.050 processors)');
  expect(limited.part).toBeLessThan(0.1);
  expect((await busyPart([])).part).toBeGreaterThan(0.1);
});
