import type { ProfileInput } from '../profile.ts';
import {
  compilerLimits,
  standardCeilings,
  standardConfinement,
  standardDefaults,
  standardEnv,
} from './standard-limits.ts';
import { headersView, systemView } from './system-view.ts';

/** Go: built without the network (one file, standard library), then run. The build compiles the library too, so it gets time and room. */
export const go = {
  name: 'go',
  version: 1,
  summary: 'Go with its standard library',
  extensions: ['.go'],
  toolchain: {
    title: 'Go',
    programs: ['/usr/local/go/bin/go', '/usr/bin/go', '/usr/local/bin/go'],
    versionArgs: ['version'],
    mountAt: '/opt/go',
    mountLevels: 2,
  },
  // Debian's Go links from /usr/lib to sources in /usr/share.
  view: [...systemView, ...headersView, { source: '/usr/share/go-*', access: 'read', optional: true }],
  env: {
    ...standardEnv,
    GOCACHE: '/tmp/go-build',
    GOPATH: '/tmp/go',
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local',
    GOTELEMETRY: 'off',
    CGO_ENABLED: '0',
  },
  recipe: [
    {
      argv: ['go', 'build', '-o', '{stem}', '{entry}'],
      limits: { ...compilerLimits, wallTimeMs: 60_000, cpuTimeMs: 120_000, processes: 256, openFiles: 1024 },
    },
    { argv: ['./{stem}', '{args}'], takesStdin: true },
  ],
  defaults: { ...standardDefaults, processes: 128, diskBytes: 536_870_912, diskFiles: 16_384 },
  ceilings: standardCeilings,
  confinement: standardConfinement,
} as const satisfies ProfileInput;
