import { MessageChannel } from 'node:worker_threads';
import type { Backlog } from '@bullpen/client';
import { BullpenError } from '@bullpen/protocol';
import { describe, expect, it } from 'vitest';
import { createBackPressure } from '../../src/http/back-pressure.ts';

function open(answers: readonly (Backlog | Error)[], backlogMax = 3) {
  let clockMs = 0;
  let asked = 0;
  const pressure = createBackPressure({
    async readBacklog() {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    },
    backlogMax,
    now: () => clockMs,
  });
  return { pressure, pass: (ms: number) => (clockMs += ms), asked: () => asked };
}

describe('back-pressure', () => {
  it('lets jobs in up to the bound, counting those that it let in since it asked', async () => {
    const { pressure } = open([{ waiting: 1, ahead: 1, running: 9 }]);
    await pressure.admit('batch');
    await pressure.admit('batch');
    await expect(pressure.admit('batch')).rejects.toMatchObject({ code: 'overloaded' });
    expect([pressure.waiting, pressure.running]).toEqual([3, 9]);
  });

  it('counts for an interactive job what is before it, and for a batch job everything', async () => {
    const { pressure } = open([{ waiting: 1000, ahead: 1, running: 0 }]);
    await expect(pressure.admit('batch')).rejects.toMatchObject({ code: 'overloaded' });
    await pressure.admit('interactive');
    await pressure.admit('interactive');
    await expect(pressure.admit('interactive')).rejects.toMatchObject({
      message: '3 jobs wait before this one, and no more than 3 may: try again.',
    });
  });

  it('asks Redis once for all requests of 200 ms', async () => {
    const { pressure, pass, asked } = open([{ waiting: 0, ahead: 0, running: 0 }], 1000);
    await Promise.all(Array.from({ length: 50 }, () => pressure.admit('batch')));
    pass(200);
    await pressure.admit('batch');
    expect(asked()).toBe(1);
    pass(1);
    await pressure.admit('batch');
    expect(asked()).toBe(2);
  });

  it('lets jobs in again when fewer wait', async () => {
    const { pressure, pass } = open([
      { waiting: 3, ahead: 3, running: 0 },
      { waiting: 2, ahead: 2, running: 0 },
    ]);
    await expect(pressure.admit('batch')).rejects.toMatchObject({ code: 'overloaded' });
    pass(201);
    await pressure.admit('batch');
  });

  it('says at once that Redis is away, to all who ask in that time', async () => {
    const away = new BullpenError('redis-unavailable', 'Redis did not answer.');
    const { pressure, pass, asked } = open([away, { waiting: 0, ahead: 0, running: 0 }]);
    await expect(pressure.admit('batch')).rejects.toBe(away);
    await expect(pressure.admit('batch')).rejects.toBe(away);
    expect(asked()).toBe(1);
    pass(201);
    await pressure.admit('batch');
  });

  it('does not wait for a Redis that is silent', async () => {
    const pressure = createBackPressure({ readBacklog: () => new Promise(() => {}), backlogMax: 1, deadlineMs: 20 });
    await expect(pressure.admit('batch')).rejects.toMatchObject({ code: 'redis-unavailable' });
  });

  it('does not take its own business for silence', async () => {
    const { port1, port2 } = new MessageChannel();
    const answered = new Promise<Backlog>((resolve) => {
      port1.once('message', () => resolve({ waiting: 0, ahead: 0, running: 0 }));
    });
    const pressure = createBackPressure({ readBacklog: () => answered, backlogMax: 1, deadlineMs: 200 });
    const admitted = pressure.admit('batch');
    await new Promise((resolve) => setImmediate(resolve));
    port2.postMessage('the answer is here before the deadline, and read behind it');
    const until = performance.now() + 300;
    while (performance.now() < until);
    await admitted;
    port1.close();
  });
});
