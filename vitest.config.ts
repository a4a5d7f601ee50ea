import { defineConfig } from 'vitest/config';
import { patience } from './tests/support/patience.ts';

const conditions = ['@bullpen/source'];

/** unit: no privileges, no servers. integration: real Redis. system: real Redis, real jails, whole fleets. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ['default', './tools/plain-reporter.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/test/**/*.unit.test.ts', 'tools/**/*.unit.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.int.test.ts'],
          testTimeout: 30_000 * patience,
          hookTimeout: 60_000 * patience,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          testTimeout: 60_000 * patience,
          hookTimeout: 120_000 * patience,
          fileParallelism: false,
        },
      },
    ],
  },
});
