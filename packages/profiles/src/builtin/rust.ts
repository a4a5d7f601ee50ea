import type { ProfileInput } from '../profile.ts';
import {
  compilerLimits,
  standardCeilings,
  standardConfinement,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { headersView, systemView } from './system-view.ts';

/** Rust: rustc (which links with the system's cc), then the program. */
export const rust = {
  name: 'rust',
  version: 1,
  summary: 'Rust compiled by rustc',
  extensions: ['.rs'],
  toolchain: {
    title: 'Rust',
    // Toolchains before commands: where rustup is installed, a `rustc` command is its launcher, which needs rustup's own files.
    programs: [
      '{home}/.rustup/toolchains/stable-*/bin/rustc',
      '{home}/.rustup/toolchains/*/bin/rustc',
      '/usr/local/rustup/toolchains/*/bin/rustc',
      '/usr/local/bin/rustc',
      '/usr/bin/rustc',
    ],
    mountAt: '/opt/rust',
    mountLevels: 2,
  },
  view: [...systemView, ...headersView],
  env: standardEnv,
  recipe: [
    {
      argv: ['rustc', '--edition=2021', '-O', '-o', '{stem}', '{entry}'],
      limits: { ...compilerLimits, processes: 128, openFiles: 1024 },
    },
    { argv: ['./{stem}', '{args}'], takesStdin: true },
  ],
  defaults: { ...standardDefaults, diskBytes: 268_435_456 },
  ceilings: standardCeilings,
  confinement: standardConfinement,
} as const satisfies ProfileInput;
