import type { JailReport } from '@bullpen/jailer';
import type { CommandLimits } from '@bullpen/profiles';

/** What a probe needs of its jail. `first` and `second` are jails of bash, one after the other; `strict` one of a profile that executes nothing it wrote. */
export type ProbeJail = 'first' | 'second' | 'strict';

/** One thing that a sound jail does, or refuses. Small, real, and over in well under a second. */
export interface Probe {
  /** What holds when the probe passes; it stands in logs and metrics. */
  readonly name: string;
  readonly jail: ProbeJail;
  /** In the language of the jail's profile. */
  readonly script: string;
  /** Whether jails with these layers are probed with it; all are unless said. */
  appliesTo?(layers: ReadonlySet<string>): boolean;
  /** Instead of the profile's own. */
  readonly limits?: Partial<CommandLimits>;
  /** True when the jail is as it must be; anything else fails the probe. */
  isPassed(report: JailReport, facts: ProbeFacts): boolean;
}

export interface ProbeFacts {
  /** What the program wrote, decoded. */
  readonly stdout: string;
  readonly stderr: string;
  /** Names of the jail's layers. */
  readonly layers: ReadonlySet<string>;
}

/** Whether a jail has a root of its own. The others see the host's paths, and are refused what is not theirs. */
export function hasOwnRoot(layers: ReadonlySet<string>): boolean {
  return layers.has('namespaces');
}

export function hasHostPaths(layers: ReadonlySet<string>): boolean {
  return !hasOwnRoot(layers);
}

/** Each attempt that gets through prints its name: a sound jail lets the script print `end` alone. */
export function nothingGotThrough(
  { exitCode }: Pick<JailReport, 'exitCode'>,
  { stdout }: Pick<ProbeFacts, 'stdout'>,
): boolean {
  return exitCode === 0 && stdout === 'end\n';
}

/** A slot, or the worker's own process, did what it must not do, or did not do what it must. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  readonly probe: string;
  /** Null for the worker's own process. */
  readonly slot: number | null;

  constructor(slot: number | null, probe: string, why: string) {
    super(
      `${slot === null ? 'The worker' : `Slot ${slot}`} failed its proof "${probe}": ${why}. Refusing to take jobs.`,
    );
    this.probe = probe;
    this.slot = slot;
  }
}
