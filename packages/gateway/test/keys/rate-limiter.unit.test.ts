import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/keys/rate-limiter.ts';
import { openApp } from '../support/open-app.ts';

describe('the rate of a key', () => {
  const open = () => {
    let clockMs = 0;
    return { limiter: createRateLimiter(() => clockMs), pass: (ms: number) => (clockMs += ms) };
  };

  it('allows a burst, then one request for each part of a second', () => {
    const { limiter, pass } = open();
    const rate = { perSecond: 2, burst: 3 };
    const take = () => limiter.take('a', rate);
    expect([take(), take(), take()].map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
    ]);
    expect(take()).toEqual({ allowed: false, remaining: 0, retryAfterS: 1 });
    pass(499);
    expect(take().allowed).toBe(false);
    pass(1);
    expect(take().allowed).toBe(true);
    expect(take().allowed).toBe(false);
  });

  it('is full again after a pause, and no fuller', () => {
    const { limiter, pass } = open();
    const rate = { perSecond: 100, burst: 2 };
    limiter.take('a', rate);
    pass(1_000_000);
    expect([1, 2, 3].map(() => limiter.take('a', rate).allowed)).toEqual([true, true, false]);
  });

  it('says how long to wait in whole seconds', () => {
    const { limiter } = open();
    const rate = { perSecond: 0.1, burst: 1 };
    limiter.take('a', rate);
    expect(limiter.take('a', rate).retryAfterS).toBe(10);
  });

  it('is each key’s own', () => {
    const { limiter } = open();
    const rate = { perSecond: 1, burst: 1 };
    expect(['a', 'b', 'a', 'b'].map((key) => limiter.take(key, rate).allowed)).toEqual([true, true, false, false]);
  });

  it('lets never more through than its burst and what its time allows', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 200 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (pauses, perSecond, burst) => {
          const { limiter, pass } = open();
          let allowed = 0;
          let passedMs = 0;
          for (const pause of pauses) {
            pass(pause);
            passedMs += pause;
            allowed += Number(limiter.take('a', { perSecond, burst }).allowed);
          }
          expect(allowed).toBeLessThanOrEqual(burst + (passedMs / 1000) * perSecond + 1e-6);
        },
      ),
    );
  });

  it('is told in each answer, and beyond it with 429', async () => {
    const { ask } = openApp({ keys: [{ name: 'slow', scopes: [], rate: { perSecond: 0.01, burst: 2 } }] });
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push(await ask('/v1/profiles', { key: 'slow' }));
    expect(
      answers.map(({ status, headers }) => [status, headers.get('ratelimit'), headers.get('retry-after')]),
    ).toEqual([
      [200, '"key";r=1;t=0', null],
      [200, '"key";r=0;t=0', null],
      [429, expect.stringMatching(/^"key";r=0;t=(99|100)$/), expect.stringMatching(/^(99|100)$/)],
    ]);
    expect(await answers[2]?.json()).toMatchObject({ code: 'rate-limited' });
  });
});
