import type { ResolvedProfile } from '@bullpen/profiles';
import { hasOwnRoot, type Probe } from './probe.ts';

/** A file that a job brings along and may not execute under a strict profile. */
export const intruder = { path: 'intruder', mode: 0o755, content: new TextEncoder().encode('#!/bin/sh\nexit 0\n') };

interface StrictLanguage {
  readonly profile: string;
  /** Option of the interpreter that takes a script. */
  readonly option: string;
  /** Executes the intruder; prints the errno. */
  readonly execute: string;
  /** Makes a socket of every family; prints `unix` if there is one, the others that were not refused with EACCES, then `end`. */
  readonly sockets: string;
}

const EACCES = 13;

/** Interpreters whose built-in profiles execute nothing that was written, in the order in which they are looked for. */
const languages: readonly StrictLanguage[] = [
  {
    profile: 'perl',
    option: '-e',
    execute: 'no warnings; exec {"./intruder"} "./intruder"; print $! + 0, "\\n";',
    sockets: `print "unix\\n" if socket(my $u, 1, 1, 0); for my $f (2 .. 63) { for my $t (1 .. 3, 5) { next if !socket(my $s, $f, $t, 0) && $! == ${EACCES}; print "$f $t\\n" } } print "end\\n";`,
  },
  {
    profile: 'python',
    option: '-c',
    execute: 'import os\ntry: os.execv("./intruder", ["./intruder"])\nexcept OSError as e: print(e.errno)',
    sockets: `import _socket\ntry:\n _socket.socket(1, 1)\n print("unix")\nexcept OSError: pass\nfor f in range(2, 64):\n for t in (1, 2, 3, 5):\n  try: _socket.socket(f, t)\n  except OSError as e:\n   if e.errno == ${EACCES}: continue\n  print(f, t)\nprint("end")`,
  },
];

/** What the jails of a strict profile are probed with; null where this host can run none. */
export interface StrictProbes {
  readonly profileNumber: number;
  readonly option: string;
  readonly probes: readonly Probe[];
}

export function findStrictProbes(available: readonly ResolvedProfile[]): StrictProbes | null {
  for (const { profile, option, execute, sockets } of languages) {
    const profileNumber = available.findIndex(
      (each) => each.profile.name === profile && !each.profile.confinement.executeWritten,
    );
    if (profileNumber >= 0) return { profileNumber, option, probes: makeProbes(execute, sockets) };
  }
  return null;
}

function makeProbes(execute: string, sockets: string): readonly Probe[] {
  return [
    {
      name: 'a profile that executes nothing it wrote does not',
      jail: 'strict',
      script: execute,
      isPassed: ({ exitCode }, { stdout }) => exitCode === 0 && stdout === `${EACCES}\n`,
    },
    {
      name: 'no socket of any family but unix can be made',
      jail: 'strict',
      script: sockets,
      // Jails that see the host's paths would reach the host's own sockets.
      isPassed: ({ exitCode }, { stdout, layers }) =>
        exitCode === 0 && (stdout === 'end\n' || (hasOwnRoot(layers) && stdout === 'unix\nend\n')),
    },
  ];
}
