import { describe, expect, test } from 'vitest';
import { createSlotPool } from '../src/slots.ts';
import { makeRandom } from './support/make-random.ts';

class TestSlot {
  readonly number: number;
  /** How often replacing it fails from now on. */
  failures = 0;
  constructor(number: number) {
    this.number = number;
  }
}

const replace = async (slot: TestSlot): Promise<void> => {
  slot.failures -= 1;
  if (slot.failures >= 0) throw new Error('no new keeper');
};

const makeSlots = (count: number): TestSlot[] => Array.from({ length: count }, (_, number) => new TestSlot(number));

describe('a pool of slots', () => {
  test('gives each slot to one taker, and a released one to the taker that waits longest', async () => {
    const pool = createSlotPool(makeSlots(1), { replace });
    const slot = await pool.take();
    const order: string[] = [];
    const first = pool.take().then((taken) => {
      order.push(`first ${taken.number}`);
      return taken;
    });
    const second = pool.take().then((taken) => order.push(`second ${taken.number}`));
    pool.release(slot);
    pool.release(await first);
    await second;
    expect(order).toEqual(['first 0', 'second 0']);
  });

  test('refuses a slot that is not busy', async () => {
    const [slot] = makeSlots(1) as [TestSlot];
    const pool = createSlotPool([slot], { replace });
    expect(() => pool.release(slot)).toThrow('not busy cannot be released');
    await expect(pool.quarantine(slot)).rejects.toThrow('not busy cannot be quarantined');
  });

  test('lets an aborted taker leave without losing a slot', async () => {
    const pool = createSlotPool(makeSlots(1), { replace });
    const slot = await pool.take();
    const controller = new AbortController();
    const taking = pool.take(controller.signal);
    controller.abort('cancelled');
    await expect(taking).rejects.toBe('cancelled');
    pool.release(slot);
    expect(pool).toMatchObject({ free: 1, busy: 0 });
    await expect(pool.take(controller.signal)).rejects.toBe('cancelled');
  });

  test('tries to bring a quarantined slot back until it works, with growing pauses, and serves on with the others', async () => {
    const slots = makeSlots(2) as [TestSlot, TestSlot];
    slots[1].failures = 4;
    const pausesMs: number[] = [];
    const usable: number[] = [];
    const pool = createSlotPool(slots, {
      replace,
      onReplaceFailed: (slot, _error, pauseMs) => pausesMs.push(slot.number * pauseMs),
      onUsableChange: (count) => usable.push(count),
      pausesMs: { first: 1, longest: 4 },
    });
    const [sound, sick] = [await pool.take(), await pool.take()];
    pool.release(sound);
    const quarantined = pool.quarantine(sick);
    expect(pool).toMatchObject({ free: 1, busy: 0, quarantined: 1 });
    await quarantined;
    expect(pausesMs).toEqual([1, 2, 4, 4]);
    expect(usable).toEqual([1, 2]);
    expect(pool).toMatchObject({ free: 2, busy: 0, quarantined: 0 });
  });

  test('gives a slot that came back to the taker that waits', async () => {
    const [slot] = makeSlots(1) as [TestSlot];
    slot.failures = 1;
    const pool = createSlotPool([slot], { replace, pausesMs: { first: 1, longest: 1 } });
    void pool.quarantine(await pool.take());
    expect(await pool.take()).toBe(slot);
  });

  test('leaves a slot in quarantine once it is stopped, even in the middle of a pause', async () => {
    const [slot] = makeSlots(1) as [TestSlot];
    slot.failures = Infinity;
    const stop = new AbortController();
    const pool = createSlotPool([slot], { replace, stop: stop.signal, onReplaceFailed: () => stop.abort() });
    await pool.quarantine(await pool.take());
    expect(pool).toMatchObject({ free: 0, busy: 0, quarantined: 1 });
  });

  test.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'never hands a slot out twice and never loses one, whatever happens (seed %i)',
    async (seed) => {
      const random = makeRandom(seed);
      const size = 1 + Math.floor(random() * 5);
      const pool = createSlotPool(makeSlots(size), { replace });
      const held = new Set<TestSlot>();
      const takes: Promise<void>[] = [];
      for (let step = 0; step < 500; step += 1) {
        const [slot] = held;
        const choice = random();
        if (choice < 0.5 || slot === undefined) {
          takes.push(
            pool.take().then((taken) => {
              expect(held.has(taken)).toBe(false);
              held.add(taken);
            }),
          );
        } else {
          held.delete(slot);
          if (choice < 0.85) pool.release(slot);
          else void pool.quarantine(slot);
        }
        await Promise.resolve();
        expect(pool.free + pool.busy + pool.quarantined).toBe(size);
      }
      let waiting = takes.length;
      const settled = Promise.all(takes.map((take) => take.then(() => (waiting -= 1))));
      while (waiting > 0) {
        await Promise.resolve();
        for (const slot of held) {
          held.delete(slot);
          pool.release(slot);
        }
      }
      await settled;
    },
  );
});
