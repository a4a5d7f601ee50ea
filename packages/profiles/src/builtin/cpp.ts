import type { ProfileInput } from '../profile.ts';
import {
  compilerLimits,
  standardCeilings,
  standardConfinement,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { headersView, systemView } from './system-view.ts';

/** C++: compiled with optimisation and run, as two commands with limits of their own. */
export const cpp = {
  name: 'cpp',
  version: 1,
  summary: 'C++ compiled by g++',
  extensions: ['.cpp', '.cc', '.cxx', '.c++'],
  toolchain: { title: 'g++', programs: ['/usr/bin/g++', '/usr/local/bin/g++'] },
  view: [...systemView, ...headersView],
  env: standardEnv,
  recipe: [
    { argv: ['g++', '-std=gnu++20', '-O2', '-o', '{stem}', '{entry}', '-pthread'], limits: compilerLimits },
    { argv: ['./{stem}', '{args}'], takesStdin: true },
  ],
  defaults: standardDefaults,
  ceilings: standardCeilings,
  confinement: standardConfinement,
} as const satisfies ProfileInput;
