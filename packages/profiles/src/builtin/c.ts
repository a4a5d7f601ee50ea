import type { ProfileInput } from '../profile.ts';
import {
  compilerLimits,
  standardCeilings,
  standardConfinement,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { headersView, systemView } from './system-view.ts';

/** C: compiled with optimisation and run, as two commands with limits of their own. */
export const c = {
  name: 'c',
  version: 1,
  summary: 'C compiled by gcc',
  extensions: ['.c'],
  toolchain: { title: 'gcc', programs: ['/usr/bin/gcc', '/usr/local/bin/gcc'] },
  view: [...systemView, ...headersView],
  env: standardEnv,
  recipe: [
    { argv: ['gcc', '-std=gnu17', '-O2', '-o', '{stem}', '{entry}', '-lm', '-pthread'], limits: compilerLimits },
    { argv: ['./{stem}', '{args}'], takesStdin: true },
  ],
  defaults: standardDefaults,
  ceilings: standardCeilings,
  confinement: standardConfinement,
} as const satisfies ProfileInput;
