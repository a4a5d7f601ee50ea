import { type Profile, type ProfileInput, profileSchema } from '../src/profile.ts';

const limits: ProfileInput['defaults'] = {
  wallTimeMs: 1000,
  cpuTimeMs: 2000,
  memoryBytes: 268_435_456,
  addressSpaceBytes: null,
  processes: 8,
  fileSizeBytes: 1_048_576,
  openFiles: 64,
  stackBytes: 8_388_608,
  outputBytes: 65_536,
  diskBytes: 2_097_152,
  diskFiles: 128,
};

/** A small profile, so that a test says only what it is about. */
export function makeProfile(changes: Partial<ProfileInput> = {}): Profile {
  return profileSchema.parse({
    name: 'example',
    version: 1,
    summary: 'For tests',
    extensions: ['.ex'],
    toolchain: { title: 'Example', programs: ['/usr/bin/example'] },
    view: [{ source: '/usr/bin', access: 'execute' }],
    env: { PATH: '/usr/bin' },
    recipe: [{ argv: ['example', '{entry}', '{args}'], takesStdin: true }],
    defaults: limits,
    ceilings: { ...limits, openFiles: 256, wallTimeMs: 60_000 },
    confinement: { write: true, executeWritten: false, unixSockets: false, fork: true },
    ...changes,
  });
}
