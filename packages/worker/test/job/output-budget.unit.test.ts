import { assert, integer, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { certainRooms, shareRoom } from '../../src/job/output-budget.ts';

test.each([
  ['both are kept where there is room for both', 10, [4, 6], [4, 6]],
  ['a stream gets what the other leaves', 10, [9, 1], [9, 1]],
  ['and the other way round', 10, [1, 12], [1, 9]],
  ['neither is cut below half for the other', 10, [100, 100], [5, 5]],
  ['nothing is kept where there is no room', 0, [3, 3], [0, 0]],
] as const)('%s', (_what, left, [stdout, stderr], kept) => {
  const room = shareRoom(left, { stdout, stderr });
  expect([room.stdout, room.stderr]).toEqual(kept);
});

test('what is certain while a command runs is kept at its end, and no more than there is', () => {
  const limits = integer({ min: 0, max: 300 });
  assert(
    property(nat(200), limits, nat(300), nat(300), (left, limit, out, err) => {
      const written = { stdout: Math.min(out, limit), stderr: Math.min(err, limit) };
      const [certain, kept] = [certainRooms(left, limit), shareRoom(left, written)];
      for (const stream of ['stdout', 'stderr'] as const) {
        expect(kept[stream]).toBeGreaterThanOrEqual(Math.min(written[stream], certain[stream]));
        expect(kept[stream]).toBeLessThanOrEqual(written[stream]);
      }
      expect(kept.stdout + kept.stderr).toBe(Math.min(left, written.stdout + written.stderr));
    }),
  );
});
