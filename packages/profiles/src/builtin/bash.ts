import type { ProfileInput } from '../profile.ts';
import { standardCeilings, standardConfinement, standardDefaults, standardEnv } from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** Shell scripts, with the commands of the worker's /usr/bin. */
export const bash = {
  name: 'bash',
  version: 1,
  summary: 'Shell scripts in bash',
  extensions: ['.sh', '.bash'],
  toolchain: { title: 'bash', programs: ['/usr/bin/bash', '/bin/bash', '/usr/local/bin/bash'] },
  view: systemView,
  env: standardEnv,
  recipe: [{ argv: ['bash', '{entry}', '{args}'], takesStdin: true }],
  defaults: standardDefaults,
  ceilings: standardCeilings,
  confinement: standardConfinement,
} as const satisfies ProfileInput;
