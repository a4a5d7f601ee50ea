import { existsSync, readFileSync } from 'node:fs';

/** One part of `bullpen test`: a program, run in the checkout. */
export interface TestPart {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

/** Parts that run one after another. */
export type TestLane = readonly TestPart[];

/** Lanes that run beside one another. */
export type TestStage = readonly TestLane[];

/** The tests of a project in vitest.config.ts; `report`, a file name in tests/results, receives how each test ended, as JSON. */
function vitest(project: string, report: string | null = null): TestPart['command'] {
  const run = ['node_modules/vitest/vitest.mjs', 'run', '--project', project] as const;
  if (report === null) return [process.execPath, ...run];
  const reporters = ['default', './tools/plain-reporter.ts', 'json'].map((name) => `--reporter=${name}`);
  return [process.execPath, ...run, ...reporters, `--outputFile.json=tests/results/${report}.json`];
}

/** The most that the emulated machine may take: about 15 minutes on two idle processors, more on busy ones. */
const vmSeconds = 3600;

const confinement = 'tests/vm/confinement.sh';
const machine = [
  'tests/vm/run-in-vm.sh',
  '--processors',
  '2',
  '--time-limit',
  `${vmSeconds}`,
  '--out',
  'tests/results',
] as const;

/** The suites of confinement under a kernel with AppArmor and cgroup v2, in an emulated machine. */
const inMachine: TestPart = { name: 'vm', command: [...machine, confinement] };

/** What needs all processors by itself, quick things first. */
const quickParts: TestLane = [
  { name: 'check', command: ['tools/check.sh'] },
  { name: 'native', command: ['make', '-s', '-C', 'packages/jailer', 'check'] },
  { name: 'unit', command: vitest('unit') },
];

/** What mostly waits, for locks to run out and processes to start: two lanes that take about the same time. */
const waitingParts: TestStage = [
  [
    { name: 'integration', command: vitest('integration') },
    { name: 'classic', command: vitest('classic', 'classic') },
    { name: 'restricted', command: vitest('restricted', 'restricted') },
  ],
  [
    { name: 'system', command: vitest('system', 'namespaces') },
    { name: 'userns', command: vitest('userns', 'userns') },
  ],
];

/**
 * Everything that continuous integration runs, as this host runs it. The suites of confinement come by themselves at the end: the machine needs
 * all processors, and where the host's own kernel enforces AppArmor they run directly, and load and unload the profiles of the whole host.
 */
export function listTestStages(hasAppArmor = readAppArmorSwitch()): readonly TestStage[] {
  const vm: TestPart = hasAppArmor ? { name: 'vm', command: [confinement] } : inMachine;
  return [[quickParts], waitingParts, [[vm]]];
}

/** The part `vm` in the machine, whatever this host's kernel has. */
export const vmPart = inMachine;

function readAppArmorSwitch(): boolean {
  const file = '/sys/module/apparmor/parameters/enabled';
  return existsSync(file) && readFileSync(file, 'utf8').trim() === 'Y';
}
