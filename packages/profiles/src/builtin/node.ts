import type { ProfileInput } from '../profile.ts';
import { interpretedConfinement, standardCeilings, standardDefaults, standardEnv } from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** Node.js; its garbage collector reserves address space far beyond what it uses, and its pool counts as processes. */
export const node = {
  name: 'node',
  version: 2,
  summary: 'JavaScript in Node.js',
  extensions: ['.js', '.mjs', '.cjs'],
  toolchain: { title: 'Node.js', programs: ['/usr/bin/node', '/usr/local/bin/node', '{node}'], mountAt: '/opt/node' },
  // Debian keeps parts of Node's own library there.
  view: [...systemView, { source: '/usr/share/nodejs', access: 'read', optional: true }],
  // Where jails have the host's paths OpenSSL's own configuration is there and closed, and Node ends at that.
  env: { ...standardEnv, NODE_REPL_HISTORY: '', OPENSSL_CONF: '/dev/null' },
  recipe: [{ argv: ['node', '{entry}', '{args}'], takesStdin: true }],
  defaults: { ...standardDefaults, memoryBytes: 536_870_912, processes: 128 },
  ceilings: standardCeilings,
  confinement: interpretedConfinement,
} as const satisfies ProfileInput;
