import { timingSafeEqual } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { hashKey, makeKeyText, readKeyName } from '../../src/keys/key-text.ts';
import { makeKey } from '../../src/keys/make-key.ts';

describe('the text of a key', () => {
  it('has a name and 256 random bits', () => {
    const texts = new Set(Array.from({ length: 100 }, () => makeKeyText('ci-1')));
    expect(texts.size).toBe(100);
    for (const text of texts) expect(text).toMatch(/^bp_ci-1_[A-Za-z0-9_-]{43}$/);
    expect(readKeyName(makeKeyText('ci-1'))).toBe('ci-1');
  });

  it.each([
    '',
    'bp_',
    'bp_ci_short',
    `xx_ci_${'a'.repeat(43)}`,
    `bp_CI_${'a'.repeat(43)}`,
    `bp_c.i_${'a'.repeat(43)}`,
    `bp_ci_${'a'.repeat(44)}`,
  ])('is not %j', (text) => {
    expect(readKeyName(text)).toBeNull();
  });
});

describe('the ring of keys', () => {
  const one = makeKey({ name: 'one', scopes: ['jobs:read'] });
  const two = makeKey({ name: 'two', scopes: [], expiresAt: '2030-01-01T00:00:00Z' });

  it('keeps the hash of a key and nothing else of it', () => {
    expect(one.key.sha256).toBe(hashKey(one.text).toString('hex'));
    expect(JSON.stringify(one.key)).not.toContain(one.text.slice('bp_one_'.length));
  });

  it('finds whose key it is', () => {
    const ring = createKeyRing([one.key, two.key]);
    expect(ring.find(one.text)).toMatchObject({ name: 'one', scopes: new Set(['jobs:read']) });
    expect(ring.find(two.text)?.name).toBe('two');
    expect(ring.find(makeKeyText('one'))).toBeNull();
    expect(ring.find(makeKeyText('three'))).toBeNull();
  });

  it('compares whole hashes in constant time, for names that it has not, too', () => {
    const compared: number[][] = [];
    const ring = createKeyRing([one.key], {
      equal(a, b) {
        compared.push([a.length, b.length]);
        return timingSafeEqual(a, b);
      },
    });
    for (const text of [one.text, makeKeyText('one'), makeKeyText('three')]) ring.find(text);
    expect(compared).toEqual([
      [32, 32],
      [32, 32],
      [32, 32],
    ]);
  });

  it('never takes an unknown name, even if the comparison says yes', () => {
    expect(createKeyRing([one.key], { equal: () => true }).find(makeKeyText('three'))).toBeNull();
  });

  it('forgets a key when its time is over', () => {
    let now = Date.parse('2029-12-31T23:59:59Z');
    const ring = createKeyRing([two.key], { now: () => now });
    expect(ring.find(two.text)).not.toBeNull();
    now = Date.parse('2030-01-01T00:00:00Z');
    expect(ring.find(two.text)).toBeNull();
  });

  it('takes other keys instead', () => {
    const ring = createKeyRing([one.key]);
    ring.replace([two.key]);
    expect([ring.find(one.text), ring.find(two.text)?.name]).toEqual([null, 'two']);
  });
});
