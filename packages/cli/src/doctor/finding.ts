import type { HostFacts } from './facts/host-facts.ts';

/**
 * What one check says, in one sentence. `fault`: a worker with this configuration refuses to start here, or must not be trusted until it is mended.
 * `note`: it starts, with less than it could have.
 */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'note' | 'fault';
  readonly sentence: string;
}

/** Judges facts, and asks nobody else. */
export type Check = (facts: HostFacts) => Finding;

/** A check by its name: what it looks at decides the state and the sentence. */
export function check(name: string, judge: (facts: HostFacts) => readonly [Finding['state'], string]): Check {
  return (facts) => {
    const [state, sentence] = judge(facts);
    return { name, state, sentence };
  };
}
