import type { JobHandle } from '@bullpen/client';
import { BullpenError } from '@bullpen/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Caller } from '../../src/keys/caller.ts';
import { createJobLedger } from '../../src/keys/job-ledger.ts';

const caller = (name: string, jobs?: number): Caller => ({
  name,
  scopes: new Set(),
  ceilings: jobs === undefined ? {} : { jobs },
  rate: null,
});

function makeJob(id: string): { handle: JobHandle; end(): void; fail(error: Error): void; asked(): number } {
  let { promise, resolve, reject } = Promise.withResolvers<never>();
  let asked = 0;
  promise.catch(() => {});
  return {
    handle: {
      id,
      result() {
        asked += 1;
        return promise;
      },
    } as Partial<JobHandle> as JobHandle,
    end: () => resolve(undefined as never),
    fail(error) {
      reject(error);
      ({ promise, resolve, reject } = Promise.withResolvers<never>());
    },
    asked: () => asked,
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the ledger of jobs', () => {
  it('has a place for as many jobs as the key may have, until one ends', async () => {
    const ledger = createJobLedger();
    const [one, two] = [makeJob('k.1'), makeJob('k.2')];
    const bounded = caller('k', 2);
    ledger.reserve(bounded).enter(one.handle);
    ledger.reserve(bounded).enter(two.handle);
    expect(() => ledger.reserve(bounded)).toThrow('2 jobs of the key k have not ended');
    expect(() => ledger.reserve(caller('other', 1))).not.toThrow();
    one.end();
    await settled();
    expect(() => ledger.reserve(bounded)).not.toThrow();
  });

  it('counts jobs that are on their way, and not those that were refused', () => {
    const ledger = createJobLedger();
    const place = ledger.reserve(caller('k', 1));
    expect(() => ledger.reserve(caller('k', 1))).toThrow('1 jobs of the key k');
    place.release();
    expect(() => ledger.reserve(caller('k', 1))).not.toThrow();
  });

  it('counts a job once, however often it is submitted', () => {
    const ledger = createJobLedger();
    const { handle, asked } = makeJob('k.1');
    for (let turn = 0; turn < 5; turn += 1) ledger.reserve(caller('k', 2)).enter(handle);
    expect(asked()).toBe(1);
  });

  it('goes on counting while Redis is away', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const ledger = createJobLedger();
      const job = makeJob('k.1');
      ledger.reserve(caller('k', 1)).enter(job.handle);
      job.fail(new BullpenError('redis-unavailable', 'away'));
      await settled();
      expect(() => ledger.reserve(caller('k', 1))).toThrow('1 jobs of the key k');
      ledger.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('forgets a job that failed', async () => {
    const ledger = createJobLedger();
    const job = makeJob('k.1');
    ledger.reserve(caller('k', 1)).enter(job.handle);
    job.fail(new BullpenError('jail-failed', 'broken'));
    await settled();
    expect(() => ledger.reserve(caller('k', 1))).not.toThrow();
  });

  it('asks nothing about jobs of keys without a bound', () => {
    const { handle, asked } = makeJob('k.1');
    createJobLedger().reserve(caller('k')).enter(handle);
    expect(asked()).toBe(0);
  });
});
