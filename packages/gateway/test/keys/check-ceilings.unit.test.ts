import { createCatalog } from '@bullpen/profiles';
import { type JobInput, parseJob } from '@bullpen/protocol';
import { describe, expect, it } from 'vitest';
import type { KeyCeilings } from '../../src/keys/api-key.ts';
import { checkCeilings } from '../../src/keys/check-ceilings.ts';

const catalog = createCatalog();
const check = (job: Partial<JobInput>, ceilings: KeyCeilings) => (): void => {
  const whole = parseJob({ profile: 'bash', commands: [{ argv: ['true'] }], ...job });
  checkCeilings(whole, { name: 'ci', scopes: new Set(), ceilings, rate: null }, catalog);
};
const commands = (...wallTimes: number[]): JobInput['commands'] =>
  wallTimes.map((wallTimeMs) => ({ argv: ['true'], limits: { wallTimeMs } }));

describe('the ceilings of a key', () => {
  it('allow everything when there are none', () => {
    expect(check({}, {})).not.toThrow();
  });

  it.each<[string, Partial<JobInput>, KeyCeilings, Partial<JobInput>]>([
    [
      'profile must be one of bash, c for the key ci, got python.',
      { profile: 'python' },
      { profiles: ['bash', 'c'] },
      { profile: 'c' },
    ],
    [
      'priority must be one of batch for the key ci, got interactive.',
      {},
      { priorities: ['batch'] },
      { priority: 'batch' },
    ],
    [
      'limits.wallTimeMs of all commands together must be at most 3000 for the key ci, got 3001.',
      { commands: commands(1000, 2001) },
      { wallTimeMs: 3000 },
      { commands: commands(1000, 2000) },
    ],
    [
      'commands[0].limits.memoryBytes must be at most 8388608 for the key ci, got 8388609.',
      { limits: { memoryBytes: 8_388_609 } },
      { memoryBytes: 8_388_608 },
      { limits: { memoryBytes: 8_388_608 } },
    ],
    [
      'limits.diskBytes must be at most 65536 for the key ci, got 65537.',
      { limits: { diskBytes: 65_537 } },
      { diskBytes: 65_536 },
      { limits: { diskBytes: 65_536 } },
    ],
  ])('%s', (sentence, above, ceilings, under) => {
    expect(check(above, ceilings)).toThrow(sentence);
    expect(check(under, ceilings)).not.toThrow();
  });

  it('count what the profile gives a job that says nothing', () => {
    expect(check({}, { memoryBytes: 1 })).toThrow('memoryBytes must be at most 1');
  });

  it('hold for one command’s own limits', () => {
    const job = {
      commands: [{ argv: ['true'] }, { argv: ['true'], limits: { memoryBytes: 2 ** 28 } }],
      limits: { memoryBytes: 2 ** 23 },
    };
    expect(check(job, { memoryBytes: 2 ** 23 })).toThrow('commands[1].limits.memoryBytes');
  });
});
