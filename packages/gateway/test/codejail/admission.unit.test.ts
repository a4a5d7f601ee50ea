import { expect, test } from 'vitest';
import { openAdmission } from '../../src/codejail/admission.ts';

function openTestAdmission(backlog = { waiting: 0, running: 1 }) {
  const clock = { nowMs: 0, asked: 0 };
  const readBacklog = async () => {
    clock.asked += 1;
    return backlog;
  };
  return { clock, admission: openAdmission({ readBacklog, holdsMs: 100, now: () => clock.nowMs }) };
}

test('the queue is asked once in a while, however many calls there are', async () => {
  const { clock, admission } = openTestAdmission({ waiting: 3, running: 1 });
  expect(await Promise.all([admission.isCrowded(), admission.isCrowded()])).toEqual([true, true]);
  clock.nowMs = 99;
  await admission.isCrowded();
  expect(clock.asked).toBe(1);
  clock.nowMs = 100;
  await admission.isCrowded();
  expect(clock.asked).toBe(2);
});

test('a queue in which nothing waits is not crowded', async () => {
  expect(await openTestAdmission().admission.isCrowded()).toBe(false);
});

test('a queue that cannot be asked is asked again', async () => {
  let isAway = true;
  const readBacklog = async () => {
    if (isAway) throw new Error('away');
    return { waiting: 1, running: 1 };
  };
  const admission = openAdmission({ readBacklog, holdsMs: 100, now: () => 0 });
  await expect(admission.isCrowded()).rejects.toThrow('away');
  isAway = false;
  expect(await admission.isCrowded()).toBe(true);
});

test('a place is hopeless when those before it take longer than the budget, and then new calls are turned away for a moment', async () => {
  const { clock, admission } = openTestAdmission({ waiting: 100, running: 4 });
  await admission.isCrowded();
  for (let run = 0; run < 100; run += 1) admission.ran(200);
  expect(admission.admits(60, 3300)).toBe(true);
  expect(admission.isOpen).toBe(true);
  expect(admission.admits(70, 3300)).toBe(false);
  expect(admission.isOpen).toBe(false);
  clock.nowMs = 100;
  expect(admission.isOpen).toBe(true);
});
