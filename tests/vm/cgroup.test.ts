import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { request, shell, slotOf, startWith, type TestJailer, text } from '../../packages/jailer/test/support/start.ts';
import { binary, makeTableFiles } from '../../packages/jailer/test/support/table.ts';
import { cgroupParents } from '../support/cgroup-parents.ts';
import { eventually } from '../support/eventually.ts';
import { patience } from '../support/patience.ts';

const MIB = 1_048_576;
const isUnified = cgroupParents[0]?.controller === 'unified';

/** Processes of the jailer in the cgroup of a slot: init, and with version 1 the one that starts it there. */
const ownTasks = isUnified ? 1 : 2;

let jailer: TestJailer;
/** The slot's cgroup in a hierarchy: the one of version 2, or that of a controller of version 1. */
let folderOf: (controller: string) => string;

beforeEach(async () => {
  const files = makeTableFiles(1);
  const [version = '', ...rest] = files.lines;
  const processors = rest
    .filter((line) => line.startsWith('cgroup cpuacct'))
    .map((line) => line.replaceAll('cpuacct', 'cpu'));
  const lines = [version, 'cpu-milli 500', ...processors, ...rest];
  folderOf = (controller) => {
    const line = lines.find((each) => each.startsWith(`cgroup ${isUnified ? 'unified' : controller} `)) ?? '';
    return join(line.split(' ').at(-1) ?? '', 'slot-0');
  };
  jailer = await startWith({ files, lines, slots: 1, program: binary, leaveOut: [] });
});
afterEach(async () => {
  await jailer.close();
  jailer.files.remove();
});

const read = (controller: string, file: string): string =>
  readFileSync(join(folderOf(controller), file), 'utf8').trim();

test('the kernel is told the limits of a command: memory without swap, tasks, processors', async () => {
  const jail = await slotOf(jailer).open(request());
  const limits = { memoryBytes: 48 * MIB, processes: 7, wallTimeMs: 20_000 };
  const running = jail.run(shell('read -t 15 line', { limits }));
  await eventually('the limit on tasks is set', () => read('pids', 'pids.max') !== 'max');
  expect(read('pids', 'pids.max')).toBe(`${limits.processes + ownTasks}`);
  expect(read('memory', isUnified ? 'memory.max' : 'memory.limit_in_bytes')).toBe(`${48 * MIB}`);
  const [swapFile, noSwap] = isUnified ? ['memory.swap.max', '0'] : ['memory.memsw.limit_in_bytes', `${48 * MIB}`];
  // A kernel without accounting of swap has no such file: a worker does not start there while swap is on.
  const hasSwapFile = readdirSync(folderOf('memory')).includes(swapFile);
  expect(hasSwapFile ? read('memory', swapFile) : noSwap).toBe(noSwap);
  const quota = isUnified
    ? read('cpu', 'cpu.max').split(' ').map(Number)
    : [Number(read('cpu', 'cpu.cfs_quota_us')), Number(read('cpu', 'cpu.cfs_period_us'))];
  expect((quota[0] ?? 0) / (quota[1] ?? 1)).toBe(0.5);
  await running;
  await jail.close();
});

test('memory of the whole tree and of its files ends at the limit, with the peak told and the kill counted', async () => {
  const jail = await slotOf(jailer).open(request());
  const script = 'head -c 20M /dev/zero > a; x=0123456789abcdef; while :; do x=$x$x; done';
  const over = await jail.run(shell(script, { limits: { memoryBytes: 32 * MIB, wallTimeMs: 20_000 } }));
  expect(over.endedBy).toBe('itself');
  expect(over.oomKills).toBeGreaterThan(0);
  expect(over.peakMemoryBytes).toBeGreaterThan(28 * MIB);
  expect(over.peakMemoryBytes).toBeLessThanOrEqual(32 * MIB);
  const under = await jail.run(shell('echo fits'));
  expect([text(under), under.oomKills]).toEqual(['fits\n', 0]);
  await jail.close();
});

test('tasks beyond the limit are refused and counted', async () => {
  const jail = await slotOf(jailer).open(request());
  const script = 'for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait';
  const report = await jail.run(shell(script, { limits: { processes: 4, outputBytes: 16 } }));
  expect(report.processesRefused).toBeGreaterThan(0);
  await jail.close();
});

test('nobody is left in the cgroup when a jail with daemons in sessions of their own is closed', async () => {
  const jail = await slotOf(jailer).open(request());
  const script = 'for i in 1 2 3 4 5 6; do (trap "" TERM HUP INT; setsid sleep 600 >&- 2>&- <&- &) ; done; echo made';
  expect(text(await jail.run(shell(script)))).toBe('made\n');
  const begun = performance.now();
  await jail.close();
  expect(performance.now() - begun).toBeLessThan(2000 * patience);
  const left = (): string[] => read('pids', 'cgroup.procs').split('\n').filter(Boolean);
  // The next jail's init is there, or will be.
  await eventually('only processes of the jailer are left', () => left().length <= ownTasks);
});
