import type { Backlog } from '@bullpen/client';
import { expect, test } from 'vitest';
import { openAdmission } from '../../src/codejail/admission.ts';

function openTestAdmission(backlog: Backlog) {
  const clock = { nowMs: 0, asked: 0 };
  const readBacklog = async () => {
    clock.asked += 1;
    return backlog;
  };
  return { clock, admission: openAdmission({ readBacklog, holdsMs: 100, now: () => clock.nowMs }) };
}

test('the queue is asked once in a while, however many calls there are', async () => {
  const { clock, admission } = openTestAdmission({ waiting: 3, ahead: 3, running: 1 });
  expect(await Promise.all([admission.admits(3300), admission.admits(3300)])).toEqual([true, true]);
  clock.nowMs = 99;
  await admission.admits(3300);
  expect(clock.asked).toBe(1);
  clock.nowMs = 100;
  await admission.admits(3300);
  expect(clock.asked).toBe(2);
});

test('jobs that a call overtakes do not count', async () => {
  const { admission } = openTestAdmission({ waiting: 100_000, ahead: 0, running: 1 });
  expect(await admission.admits(3300)).toBe(true);
});

test('a queue that cannot be asked is asked again', async () => {
  let isAway = true;
  const readBacklog = async () => {
    if (isAway) throw new Error('away');
    return { waiting: 1, ahead: 1, running: 1 };
  };
  const admission = openAdmission({ readBacklog, holdsMs: 100, now: () => 0 });
  await expect(admission.admits(3300)).rejects.toThrow('away');
  isAway = false;
  expect(await admission.admits(3300)).toBe(true);
});

test('a queue is too long when those ahead take longer than the budget, and then new calls are turned away for a moment', async () => {
  const backlog = { waiting: 100, ahead: 60, running: 4 };
  const { clock, admission } = openTestAdmission(backlog);
  for (let run = 0; run < 100; run += 1) admission.ran(200);
  expect(await admission.admits(3300)).toBe(true);
  expect(admission.isOpen).toBe(true);
  backlog.ahead = 70;
  clock.nowMs = 100;
  expect(await admission.admits(3300)).toBe(false);
  expect(admission.isOpen).toBe(false);
  clock.nowMs = 200;
  expect(admission.isOpen).toBe(true);
});
