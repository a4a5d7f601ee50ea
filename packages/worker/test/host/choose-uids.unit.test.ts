import { describe, expect, test } from 'vitest';
import { chooseIdRange, collectAccountIds, collectProcessIds, parseLargestId } from '../../src/host/choose-uids.ts';

describe('choosing UIDs', () => {
  test('takes a range above those of accounts, containers and subordinate IDs', () => {
    const base = chooseIdRange(64, { taken: new Set(), largest: 4_294_967_294 });
    expect(base).toBeGreaterThanOrEqual(1_879_048_192);
    expect(base + 63).toBeLessThan(2_147_483_647);
  });

  test('avoids what the host uses and what was chosen before', () => {
    const taken = new Set(Array.from({ length: 90 }, (_, index) => 3000 + index));
    const also = new Set([3095]);
    for (let round = 0; round < 50; round += 1) {
      const base = chooseIdRange(2, { taken, largest: 3099 }, also);
      expect([3090, 3091, 3092, 3093, 3096, 3097]).toContain(base);
    }
  });

  test('stays in a container’s small user namespace, and says when that has no room', () => {
    const base = chooseIdRange(4, { taken: new Set(), largest: 65_535 });
    expect(base).toBeGreaterThanOrEqual(3000);
    expect(base + 3).toBeLessThanOrEqual(65_535);
    expect(() => chooseIdRange(4, { taken: new Set(), largest: 0 })).toThrow('give this container a larger range');
  });

  test('reads accounts, groups and processes', () => {
    const ids = new Set<number>();
    collectAccountIds('root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1001::/home/alice:/bin/sh\n', ids);
    collectProcessIds('Name:\tx\nUid:\t5\t6\t6\t6\nGid:\t7\t7\t7\t7\nGroups:\t8 9 \nVmPeak: 12 kB\n', ids);
    expect([...ids].sort((a, b) => a - b)).toEqual([0, 5, 6, 7, 8, 9, 1000, 1001]);
  });

  test.each([
    ['         0          0 4294967295\n', 4_294_967_294],
    ['0 100000 65536\n', 65_535],
    ['', 0],
  ])('reads the largest ID of the user namespace %j', (map, largest) => {
    expect(parseLargestId(map)).toBe(largest);
  });
});
