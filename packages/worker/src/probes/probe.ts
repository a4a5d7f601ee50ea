import type { JailReport } from '@bullpen/jailer';
import type { CommandLimits } from '@bullpen/profiles';

/** What a probe needs of its jail. `first` and `second` are jails of bash, one after the other; `strict` one of a profile that executes nothing it wrote. */
export type ProbeJail = 'first' | 'second' | 'strict';

/** One thing that a sound jail does, or refuses. Small, real, and over in well under a second. */
export interface Probe {
  /** What holds when the probe passes; it stands in logs. */
  readonly name: string;
  readonly jail: ProbeJail;
  /** In the language of the jail's profile. */
  readonly script: string;
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

/** A slot did what it must not do, or did not do what it must. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  readonly probe: string;
  readonly slot: number;

  constructor(slot: number, probe: string, why: string) {
    super(`Slot ${slot} failed its proof "${probe}": ${why}. Refusing to take jobs.`);
    this.probe = probe;
    this.slot = slot;
  }
}
