import type { ProfileInput } from '../profile.ts';
import {
  interpretedConfinement,
  roomyAddressSpaceBytes,
  standardCeilings,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** Ruby with the gems of the worker. */
export const ruby = {
  name: 'ruby',
  version: 1,
  summary: 'Ruby with the gems of the worker',
  extensions: ['.rb'],
  toolchain: { title: 'Ruby', programs: ['/usr/bin/ruby', '/usr/local/bin/ruby'] },
  view: [
    ...systemView,
    { source: '/usr/share/rubygems-integration', access: 'read', optional: true },
    { source: '/usr/share/ruby', access: 'read', optional: true },
  ],
  env: standardEnv,
  recipe: [{ argv: ['ruby', '{entry}', '{args}'], takesStdin: true }],
  defaults: { ...standardDefaults, addressSpaceBytes: roomyAddressSpaceBytes, stackBytes: 16_777_216 },
  ceilings: standardCeilings,
  confinement: interpretedConfinement,
} as const satisfies ProfileInput;
