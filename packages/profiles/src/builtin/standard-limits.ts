import type { Confinement } from '../profile.ts';
import type { Limits } from '../limits.ts';

const MIB = 1_048_576;

/** What most programs get when nobody asks for anything else. */
export const standardDefaults: Limits = {
  wallTimeMs: 10_000,
  cpuTimeMs: 10_000,
  memoryBytes: 256 * MIB,
  addressSpaceBytes: null,
  processes: 64,
  fileSizeBytes: 64 * MIB,
  openFiles: 256,
  stackBytes: 8 * MIB,
  outputBytes: MIB,
  diskBytes: 64 * MIB,
  diskFiles: 4096,
};

/** For interpreters that never reserve more than they use: an early refusal to the program itself, far above `memoryBytes`. */
export const roomyAddressSpaceBytes = 8192 * MIB;

/** What a job may ask for at most; an operator who wants more writes a profile of the same name. */
export const standardCeilings: Limits = {
  wallTimeMs: 600_000,
  cpuTimeMs: 600_000,
  memoryBytes: 4096 * MIB,
  addressSpaceBytes: null,
  processes: 512,
  fileSizeBytes: 1024 * MIB,
  openFiles: 4096,
  stackBytes: 1024 * MIB,
  outputBytes: 16 * MIB,
  diskBytes: 1024 * MIB,
  diskFiles: 65_536,
};

/** A general program: writes in its own directories, starts processes, runs what it compiled, talks over its own local sockets. */
export const standardConfinement: Confinement = {
  write: true,
  executeWritten: true,
  unixSockets: true,
  fork: true,
  exec: true,
};

/** A program that an interpreter runs: what it writes is data, and none of it is ever executed. */
export const interpretedConfinement: Confinement = { ...standardConfinement, executeWritten: false };

/** What a compiler gets, whatever its output gets. */
export const compilerLimits = {
  wallTimeMs: 30_000,
  cpuTimeMs: 30_000,
  memoryBytes: 1024 * MIB,
  stackBytes: 64 * MIB,
  fileSizeBytes: 64 * MIB,
} as const;

/** Environment of every general profile. The work directory is the home, and nothing of the worker's environment is passed on. */
export const standardEnv = {
  PATH: '/usr/local/bin:/usr/bin',
  HOME: '/work',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
} as const;
