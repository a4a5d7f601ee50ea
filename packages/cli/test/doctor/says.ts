import { describe, expect, it } from 'vitest';
import type { HostFacts } from '../../src/doctor/facts/host-facts.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { runChecks } from '../../src/doctor/run-checks.ts';

/** What is wrong, the check that says so, whether a worker refuses, the facts, and the sentence. */
export type WrongHost = readonly [
  what: string,
  name: string,
  state: Finding['state'],
  facts: HostFacts,
  sentence: RegExp,
];

export function find(facts: HostFacts, name: string): Finding | undefined {
  return runChecks(facts).find((finding) => finding.name === name);
}

/** A test for each host. */
export function describeWrongHosts(hosts: readonly WrongHost[]): void {
  describe.each(hosts)('%s', (_what, name, state, facts, sentence) => {
    it(`is a ${state} of ${name}, in one sentence`, () => {
      const finding = find(facts, name);
      expect(finding?.state).toBe(state);
      expect(finding?.sentence).toMatch(sentence);
      expect(finding?.sentence).toMatch(/^[^\n]*\.$/);
    });
  });
}
