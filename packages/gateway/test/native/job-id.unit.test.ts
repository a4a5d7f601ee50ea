import { jobSchema } from '@bullpen/protocol';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../src/keys/api-key.ts';
import type { Caller } from '../../src/keys/caller.ts';
import { makeIdempotentId, makeJobId, requireOwnJob } from '../../src/native/job-id.ts';

const caller = (name: string, ...scopes: Scope[]): Caller => ({
  name,
  scopes: new Set(scopes),
  ceilings: {},
  rate: null,
});
const longest = caller('a'.repeat(32));

describe('ids of jobs', () => {
  it('are ids that the protocol takes, for the longest name, too', () => {
    for (const id of [makeJobId(longest), makeIdempotentId(longest, 'x'.repeat(255))])
      expect(jobSchema.shape.id.safeParse(id).success).toBe(true);
  });

  it('are different each time, and the same for the same idempotency key', () => {
    const ci = caller('ci');
    expect(makeJobId(ci)).not.toBe(makeJobId(ci));
    expect(makeIdempotentId(ci, 'a')).toBe(makeIdempotentId(ci, 'a'));
    expect(makeIdempotentId(ci, 'a')).not.toBe(makeIdempotentId(ci, 'b'));
  });

  it('share nothing between keys', () => {
    const [one, two] = [makeIdempotentId(caller('ci'), 'a'), makeIdempotentId(caller('cd'), 'a')];
    expect(one.split('.')[1]).not.toBe(two.split('.')[1]);
  });

  it.each(['ci.abc', 'ci.i-abc_-', 'ci.a.b'])('may be read by their key: %s', (id) => {
    expect(requireOwnJob(caller('ci'), id)).toBe(id);
  });

  it.each(['cd.abc', 'ci2.abc', 'ci', 'abc', '', 'Ci.abc', ' ci.abc', '123e4567-e89b'])(
    'are unknown to other keys: %j',
    (id) => {
      expect(() => requireOwnJob(caller('ci'), id)).toThrow('No job of this API key has this id');
    },
  );

  it.each(['ci.../../x', 'ci.a/b', 'ci.a:b', 'ci.a\0', 'ci.a b', 'ci.{x}', 'ci.*', `ci.${'a'.repeat(126)}`])(
    'are unknown when they are none: %j',
    (id) => {
      expect(() => requireOwnJob(caller('ci', 'jobs:all'), id)).toThrow('No job');
    },
  );

  it.each(['events', 'wait', 'meta', 'id', '123'])('are unknown when they are names of something else: %s', (id) => {
    expect(() => requireOwnJob(caller('ci', 'jobs:all'), id)).toThrow('No job');
  });

  it('may all be read with the scope jobs:all', () => {
    expect(requireOwnJob(caller('ci', 'jobs:all'), 'cd.abc')).toBe('cd.abc');
    expect(requireOwnJob(caller('ci', 'jobs:all'), '123e4567-e89b')).toBe('123e4567-e89b');
  });
});
