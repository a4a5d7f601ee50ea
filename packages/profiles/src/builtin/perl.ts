import type { ProfileInput } from '../profile.ts';
import {
  interpretedConfinement,
  roomyAddressSpaceBytes,
  standardCeilings,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** Perl with the modules of the worker. */
export const perl = {
  name: 'perl',
  version: 1,
  summary: 'Perl with the modules of the worker',
  extensions: ['.pl'],
  toolchain: { title: 'Perl', programs: ['/usr/bin/perl', '/usr/local/bin/perl'] },
  view: [
    ...systemView,
    { source: '/usr/share/perl', access: 'read', optional: true },
    { source: '/usr/share/perl5', access: 'read', optional: true },
    { source: '/usr/local/share/perl', access: 'read', optional: true },
  ],
  env: standardEnv,
  recipe: [{ argv: ['perl', '{entry}', '{args}'], takesStdin: true }],
  defaults: { ...standardDefaults, addressSpaceBytes: roomyAddressSpaceBytes },
  ceilings: standardCeilings,
  confinement: interpretedConfinement,
} as const satisfies ProfileInput;
