import type { ProfileInput } from '../profile.ts';
import {
  interpretedConfinement,
  roomyAddressSpaceBytes,
  standardCeilings,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** CPython with all that the host installed for it. */
export const python = {
  name: 'python',
  version: 1,
  summary: 'Python 3 with the packages of the worker',
  extensions: ['.py'],
  toolchain: { title: 'Python', programs: ['/usr/bin/python3', '/usr/local/bin/python3'] },
  view: systemView,
  // Byte code would count against the job's files, and is thrown away with the jail.
  env: { ...standardEnv, PYTHONDONTWRITEBYTECODE: '1' },
  recipe: [{ argv: ['python3', '{entry}', '{args}'], takesStdin: true }],
  defaults: { ...standardDefaults, addressSpaceBytes: roomyAddressSpaceBytes },
  ceilings: standardCeilings,
  confinement: interpretedConfinement,
} as const satisfies ProfileInput;
