import { placeGraceMs, type QuotaAnswer, type QuotaRequest, type Quotas } from '@bullpen/client';
import { BullpenError, type ErrorCode } from '@bullpen/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { Caller } from '../../src/keys/caller.ts';
import { createKeyQuotas, type Place } from '../../src/keys/key-quotas.ts';
import { openApp } from '../support/open-app.ts';

const taken: QuotaAnswer = { kind: 'taken', remaining: 0, retryAfterMs: 0, jobs: 1 };
const tooFast: QuotaAnswer = { kind: 'too-fast', remaining: 0, retryAfterMs: 90_500, jobs: 0 };
const tooMany: QuotaAnswer = { kind: 'too-many', remaining: 3, retryAfterMs: 0, jobs: 2 };

const caller: Caller = { name: 'k', scopes: new Set(), ceilings: { jobs: 2 }, rate: { perSecond: 0.01, burst: 5 } };

const fail = (code: ErrorCode): Promise<never> => Promise.reject(new BullpenError(code, 'So it is.'));

/** What is counted elsewhere; its answers are set by the test. */
function open(first: QuotaAnswer = taken) {
  const asked: QuotaRequest[] = [];
  const givenBack: string[] = [];
  const state = { answer: first, nowMs: 0 };
  const quotas: Quotas = {
    async take(_holder, request) {
      asked.push(request);
      return state.answer;
    },
    async giveBack(_holder, { jobId }) {
      givenBack.push(jobId);
    },
  };
  return { state, asked, givenBack, quotas, keys: createKeyQuotas(quotas, () => state.nowMs) };
}

describe('the quotas of a key', () => {
  it('are asked for in one question, and of other keys in none', async () => {
    const { keys, asked } = open();
    await keys.admit(caller, 'k.1');
    expect(asked).toEqual([
      { rate: { perSecond: 0.01, burst: 5 }, place: { jobId: 'k.1', mark: expect.any(String), atMost: 2 } },
    ]);
    expect(keys.counts(caller)).toBe(true);
    expect(keys.counts({ ...caller, rate: null, ceilings: { memoryBytes: 1 } })).toBe(false);
    expect((await keys.admit({ ...caller, ceilings: {} }, 'k.2')).place).toBeNull();
    expect(asked[1]?.place).toBeNull();
  });

  it('refuse what comes too fast without asking again for a second', async () => {
    const { keys, asked, state } = open(tooFast);
    await expect(keys.admit(caller, null)).rejects.toMatchObject({
      code: 'rate-limited',
      message: 'The key k may send 0.01 requests a second, 5 at once: wait 91 s.',
      headers: { 'ratelimit-policy': '"key";q=5;w=500', ratelimit: '"key";r=0;t=91', 'retry-after': '91' },
    });
    state.answer = taken;
    state.nowMs = 999;
    await expect(keys.admit(caller, 'k.1')).rejects.toMatchObject({ headers: { 'retry-after': '90' } });
    expect(asked).toHaveLength(1);
    state.nowMs = 1000;
    await expect(keys.admit(caller, null)).resolves.toMatchObject({ place: null });
  });

  it('refuse a job too many without asking again for a moment, but no other request', async () => {
    const { keys, asked, state } = open(tooMany);
    await expect(keys.admit(caller, 'k.1')).rejects.toMatchObject({
      code: 'too-many-jobs',
      message: '2 jobs of the key k have not ended, and it may have 2: wait for one.',
    });
    state.answer = taken;
    state.nowMs = 99;
    await expect(keys.admit(caller, 'k.2')).rejects.toMatchObject({ code: 'too-many-jobs' });
    expect(asked).toHaveLength(1);
    await keys.admit(caller, null);
    state.nowMs = 100;
    await keys.admit(caller, 'k.3');
    expect(asked).toHaveLength(3);
  });

  it('are asked for at once when the key was changed', async () => {
    const { keys, state } = open(tooFast);
    await expect(keys.admit(caller, null)).rejects.toMatchObject({ code: 'rate-limited' });
    state.answer = taken;
    await keys.admit({ ...caller }, null);
  });
});

describe('a place', () => {
  it.each<[string, (place: Place) => Promise<unknown>, string[]]>([
    ['left by a request that submits nothing', async () => {}, ['k.1']],
    ['kept by one that submits its job', (place) => place.hold(async () => {}), []],
    ['left by one whose job is refused', (place) => place.hold(() => fail('limit-above-ceiling')), ['k.1']],
    ['kept by one whose job may have come into the queue', (place) => place.hold(() => fail('redis-unavailable')), []],
  ])('is %s', async (_what, act, left) => {
    const { keys, givenBack } = open();
    const { place } = await keys.admit(caller, 'k.1');
    if (place === null) throw new Error('There is no place.');
    await act(place).catch(() => {});
    place.leave();
    expect(givenBack).toEqual(left);
  });

  it('of a job that was known is asked for once more when the body is there: the job may be gone by then', async () => {
    const { keys, asked, state } = open({ ...taken, kind: 'known' });
    const { place } = await keys.admit(caller, 'k.1');
    await place?.hold(async () => {});
    expect(asked[1]).toEqual({ rate: null, place: asked[0]?.place });
    const gone = await keys.admit(caller, 'k.2');
    state.answer = tooMany;
    const submitted = vi.fn<() => Promise<void>>(async () => {});
    await expect(gone.place?.hold(submitted)).rejects.toMatchObject({ code: 'too-many-jobs' });
    expect(submitted).not.toHaveBeenCalled();
  });

  it('is taken again, without counting the request twice, when the body took long to come', async () => {
    const { keys, asked, state } = open();
    const { place } = await keys.admit(caller, 'k.1');
    state.nowMs = placeGraceMs;
    await place?.hold(async () => {});
    expect(asked[1]).toEqual({ rate: null, place: asked[0]?.place });
    const late = await keys.admit(caller, 'k.2');
    state.nowMs *= 2;
    state.answer = tooMany;
    const submitted = vi.fn<() => Promise<void>>(async () => {});
    await expect(late.place?.hold(submitted)).rejects.toMatchObject({ code: 'too-many-jobs' });
    expect(submitted).not.toHaveBeenCalled();
  });
});

describe('answers to a key with a rate', () => {
  it('say what is left of it', async () => {
    const { quotas, state } = open({ ...taken, remaining: 4 });
    const { ask } = openApp({
      keys: [
        { name: 'slow', scopes: [], rate: { perSecond: 0.5, burst: 5 } },
        { name: 'free', scopes: [] },
      ],
      client: { quotas },
    });
    const rateOf = async (key: string, path = '/v1/profiles') => {
      const { status, headers } = await ask(path, { key });
      return [status, ...['ratelimit', 'ratelimit-policy', 'retry-after'].map((name) => headers.get(name))];
    };
    expect(await rateOf('slow')).toEqual([200, '"key";r=4;t=0', '"key";q=5;w=10', null]);
    expect(await rateOf('slow', '/v1/nowhere')).toEqual([404, '"key";r=4;t=0', '"key";q=5;w=10', null]);
    expect(await rateOf('slow', '/v1/jobs/slow.x')).toEqual([403, '"key";r=4;t=0', '"key";q=5;w=10', null]);
    expect(await rateOf('free')).toEqual([200, null, null, null]);
    state.answer = tooFast;
    expect(await rateOf('slow')).toEqual([429, '"key";r=0;t=91', '"key";q=5;w=10', '91']);
    expect((await ask('/live')).status).toBe(200);
  });
});
