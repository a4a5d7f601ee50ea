import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '@bullpen/profiles';
import { checkout } from '../fleet/checkout.ts';

/** One sample submission and how it must end. */
export interface Sample {
  readonly profile: string;
  readonly class: 'good' | 'wrong' | 'hostile';
  /** Path below examples/submissions. */
  readonly file: string;
  /** How often it is submitted in proportion to the others. */
  readonly weight: number;
  /** As `showOutcome` writes it: `exited 0`, `signaled SIGSEGV`, `wall-time-exceeded`. */
  readonly outcome: string;
  /** What the program must have printed; left out when that is not determined. */
  readonly stdout?: string;
  readonly stdin?: string;
  readonly limits?: Partial<Limits>;
}

export const samplesFolder = join(checkout, 'examples/submissions');

/** The samples that come with this checkout. */
export function readSamples(): readonly Sample[] {
  const text = readFileSync(join(samplesFolder, 'expectations.json'), 'utf8');
  return (JSON.parse(text) as { readonly samples: readonly Sample[] }).samples;
}
