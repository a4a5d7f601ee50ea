/** What the sources of a package may import. `types` may be imported with `import type` only. */
interface PackageRule {
  readonly sources: string;
  readonly imports: readonly string[];
  readonly types?: readonly string[];
}

/** The direction of dependence between packages, and their allowed outside packages. Node's own modules are free. */
export const packageRules: Readonly<Record<string, PackageRule>> = {
  profiles: { sources: 'src', imports: ['zod'] },
  protocol: { sources: 'src', imports: ['zod', '@bullpen/profiles'] },
  client: { sources: 'src', imports: ['@bullpen/profiles', '@bullpen/protocol', 'bullmq', 'ioredis', 'zod'] },
  gateway: {
    sources: 'src',
    imports: [
      '@bullpen/profiles',
      '@bullpen/protocol',
      '@bullpen/client',
      '@hono/node-server',
      '@hono/zod-openapi',
      'hono',
      'pino',
      'prom-client',
      'zod',
    ],
  },
  jailer: { sources: 'ts', imports: ['execa'], types: ['@bullpen/profiles'] },
  worker: {
    sources: 'src',
    imports: ['@bullpen/profiles', '@bullpen/protocol', '@bullpen/jailer', 'bullmq', 'ioredis', 'pino', 'zod'],
  },
  cli: {
    sources: 'src',
    imports: [
      '@bullpen/profiles',
      '@bullpen/protocol',
      '@bullpen/client',
      '@bullpen/gateway',
      '@bullpen/jailer',
      '@bullpen/worker',
      'commander',
      'execa',
      'ioredis',
    ],
  },
};

/** A door: at most one file of each listed package imports these modules, and no file of another package does. */
interface Door {
  readonly modules: readonly string[];
  readonly packages: readonly string[];
}

export const doors: readonly Door[] = [
  { modules: ['bullmq'], packages: ['client', 'worker'] },
  { modules: ['execa', 'node:child_process', 'child_process'], packages: ['jailer', 'cli'] },
];

/** Names that say nothing about what is inside. */
export const emptyWords = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'misc', 'stuff'];

export const maximumLines = { ts: 300, c: 250 } as const;
