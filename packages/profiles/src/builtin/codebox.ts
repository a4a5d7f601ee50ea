import type { ProfileInput } from '../profile.ts';
import { standardCeilings, standardConfinement } from './standard-limits.ts';
import { headersView, systemView } from './system-view.ts';

const venv = '/venv/bin';

/** What a host has that is laid out as codebox's image is. */
const ownLayout = ['/venv', '/usr/local/cargo', '/usr/local/rustup'];

/** The names by which codebox's users call its tools, for the distribution's own. */
const links = [
  { path: `${venv}/python`, to: '/usr/bin/python3' },
  { path: `${venv}/python3`, to: '/usr/bin/python3' },
  { path: `${venv}/pytest`, to: '/usr/bin/pytest-3' },
  { path: `${venv}/pip`, to: '/usr/bin/pip3' },
  { path: '/usr/local/cargo/bin/rustc', to: '/usr/bin/rustc' },
];

/**
 * What rustc is given, whatever the other commands get: it starts threads by the number of processors, and with its libraries counted it needs more than
 * the 64 MB of a program. For the `limits` of a command that runs it.
 */
export const codeboxCompilerLimits = {
  memoryBytes: 536_870_912,
  processes: 64,
  fileSizeBytes: 67_108_864,
  openFiles: 256,
} as const;

/** The commands of codebox: Python with pytest and pip, rustc, sqlite3 and bash, in the directory /sandbox. */
export const codebox = {
  name: 'codebox',
  version: 1,
  summary: 'Commands as in codebox: Python, pytest, Rust, SQLite and bash in /sandbox',
  toolchain: { title: 'Python', programs: [`${venv}/python`, '/usr/bin/python3'] },
  view: [
    ...ownLayout.map((source) => ({ source, access: 'execute' as const, optional: true })),
    ...systemView,
    ...headersView.map((path) => ({ ...path, optional: true })),
  ],
  links,
  workDirectory: '/sandbox',
  env: {
    LANG: 'en_US.UTF-8',
    PYTHONIOENCODING: 'utf-8:strict',
    RUSTUP_HOME: '/usr/local/rustup',
    CARGO_HOME: '/usr/local/cargo',
    PATH: `${venv}:/usr/local/cargo/bin:/usr/local/bin:/usr/bin:/bin`,
    HOME: '/sandbox',
  },
  recipe: [{ argv: ['python3', '{entry}', '{args}'], takesStdin: true }],
  defaults: {
    wallTimeMs: 200,
    cpuTimeMs: 600_000,
    memoryBytes: 64_000_000,
    addressSpaceBytes: 4_294_967_296,
    processes: 12,
    fileSizeBytes: 5_242_880,
    openFiles: 32,
    stackBytes: 8_388_608,
    outputBytes: 1_048_576,
    diskBytes: 67_108_864,
    diskFiles: 4096,
  },
  ceilings: standardCeilings,
  confinement: standardConfinement,
} as const satisfies ProfileInput;
