import { defineConfig } from 'vitest/config';
import { patience } from './tests/support/patience.ts';

const conditions = ['@bullpen/source'];

/** For what hangs, on a busy machine too: no test is meant to take so long. */
const withServers = { testTimeout: 60_000 * patience, hookTimeout: 120_000 * patience, fileParallelism: false };
/** What a jail must do and refuse however it is made. */
const suitesOfEveryRung = [
  'deny',
  'allow',
  'limits',
  'outputs',
  'isolation',
  'leaks',
  'hostile-input',
  'never-a-fault',
  'privileges',
  'doors/contract',
];

/** The same suites on another rung than the one that root's workers have, and those that are about this rung alone. */
const onRung = (rung: 'userns' | 'classic' | 'restricted', ofRung: readonly string[] = []) => ({
  extends: true as const,
  test: {
    name: rung,
    include: [...suitesOfEveryRung, ...ofRung].map((suite) => `tests/${suite}/**/*.test.ts`),
    env: { BULLPEN_TEST_RUNG: rung },
    ...withServers,
  },
});

/** unit: no privileges, no servers. integration: real Redis. system: real Redis, real jails, whole fleets; then its suites on other rungs. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './tools/plain-reporter.ts'],
    // How long `expect.poll` waits unless its test says so: what comes true at all comes at once on an idle machine.
    expect: { poll: { timeout: 10_000 * patience, interval: 10 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.unit.test.ts', 'tools/**/*.unit.test.ts'],
          // Only what hangs: how long anything may take says its own test.
          testTimeout: 60_000 * patience,
          hookTimeout: 60_000 * patience,
          // One for each processor: they do nothing but compute.
          maxWorkers: '100%',
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.int.test.ts'],
          ...withServers,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/boxes/**', 'tests/restricted/**'],
          ...withServers,
        },
      },
      onRung('userns'),
      onRung('classic', ['boxes']),
      onRung('restricted', ['boxes', 'restricted']),
    ],
  },
});
