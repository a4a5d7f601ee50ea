/** One part of `bullpen test`: a program, run in the checkout. */
export interface TestPart {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const vitest = (project: string): TestPart['command'] => [
  process.execPath,
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project',
  project,
];

/** Everything that continuous integration runs, quick things first. */
export const testParts: readonly TestPart[] = [
  { name: 'check', command: ['tools/check.sh'] },
  { name: 'native', command: ['make', '-s', '-C', 'packages/jailer', 'check'] },
  { name: 'unit', command: vitest('unit') },
  { name: 'integration', command: vitest('integration') },
  { name: 'system', command: vitest('system') },
  { name: 'userns', command: vitest('userns') },
  { name: 'classic', command: vitest('classic') },
  { name: 'restricted', command: vitest('restricted') },
];

/** The suites of confinement under a kernel with AppArmor and cgroup v2, in an emulated machine. */
export const vmPart: TestPart = {
  name: 'vm',
  command: ['tests/vm/run-in-vm.sh', '--time-limit', '1800', 'tests/vm/confinement.sh'],
};
