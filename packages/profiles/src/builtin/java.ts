import type { ProfileInput } from '../profile.ts';
import { interpretedConfinement, standardCeilings, standardDefaults, standardEnv } from './standard-limits.ts';
import { systemView } from './system-view.ts';

/** Java: the launcher compiles the one source file in memory and runs its first class, whatever that is called. */
export const java = {
  name: 'java',
  version: 1,
  summary: 'Java in single-file source mode',
  extensions: ['.java'],
  toolchain: { title: 'Java', programs: ['/usr/bin/java', '/usr/local/bin/java', '/usr/lib/jvm/*/bin/java'] },
  // Debian's runtimes keep their configuration in /etc and link to it.
  view: [...systemView, { source: '/etc/java-*', access: 'read', optional: true }],
  env: standardEnv,
  recipe: [
    {
      // The virtual machine cannot see the jail's memory limit; left to the host's memory it would collect garbage too late.
      argv: [
        'java',
        '-XX:MaxRAM={memoryMiB}m',
        '-XX:MaxRAMPercentage=60',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        '-XX:-UsePerfData',
        '{entry}',
        '{args}',
      ],
      takesStdin: true,
    },
  ],
  defaults: { ...standardDefaults, memoryBytes: 536_870_912, processes: 128, openFiles: 1024 },
  ceilings: standardCeilings,
  confinement: interpretedConfinement,
} as const satisfies ProfileInput;
