import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { packResult } from '../../src/job/pack-result.ts';
import { processJob } from '../../src/job/process-job.ts';
import { createSlotPool } from '../../src/slots.ts';
import { makeLiteralProfiles, makeMessage } from '../support/literal-profiles.ts';
import { makeLiteralSlot, quietReport } from '../support/literal-slot.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const mebibyte = 1_048_576;
/** The published bytes of one job, and room for what the engine compiles meanwhile; twenty jobs that left something would need 50 MiB. */
const fewBytes = 6 * mebibyte;
const outputBudgetBytes = 8 * mebibyte;

/** What is alive: the heap, and the bytes of buffers outside it. */
async function aliveBytes(): Promise<number> {
  await setImmediate(); // what ended in this turn of the event loop is still on its stack
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('a job whose program flooded its output leaves nothing of it alive, but the bytes that are published', async () => {
  const slot = makeLiteralSlot({
    run: () => ({ ...quietReport, stdout: { bytes: Buffer.alloc(mebibyte), bytesSeen: 10 * mebibyte } }),
  });
  const context = {
    worker: { workerId: 'w1', jailerVersion: '1.2', kernel: '6.1' },
    slots: createSlotPool([slot], { replace: () => slot.replace() }),
    profiles: makeLiteralProfiles(),
    provenAt: () => 0,
    floor: [],
    outputBudgetBytes,
    budgetMarginMs: 10_000,
    slotWaitMs: 10_000,
    cache: null,
  };
  const runJob = async () => {
    const { signal } = new AbortController();
    const ending = await processJob(context, { jobId: 'j1', message: makeMessage(), attempt: 1, token: 't1', signal });
    if (ending.kind !== 'result') throw new Error('The job was given back.');
    return packResult(ending.result, outputBudgetBytes);
  };
  await runJob();
  const before = await aliveBytes();
  const packed = await runJob();
  expect((await aliveBytes()) - before).toBeLessThan(fewBytes);
  expect(packed.bytes.byteLength).toBeGreaterThan(mebibyte);
  for (let job = 0; job < 20; job += 1) await runJob();
  expect((await aliveBytes()) - before).toBeLessThan(fewBytes);
});
