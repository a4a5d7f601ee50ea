import type { JailSlot } from '@bullpen/jailer';
import { describe, expect, test } from 'vitest';
import type { CacheAnswer, CacheRequest, ResultCache } from '../../src/cache/result-cache.ts';
import type { JobEnding } from '../../src/job/job-attempt.ts';
import { processJob } from '../../src/job/process-job.ts';
import { createSlotPool } from '../../src/slots.ts';
import { makeLiteralProfiles, makeMessage } from '../support/literal-profiles.ts';
import { literalReceipt, makeLiteralResult } from '../support/literal-result.ts';
import { killedReport, makeLiteralSlot, quietReport } from '../support/literal-slot.ts';

/** Answers as it is told, and notes what it was asked and how flights ended. */
function makeCache(answer: Exclude<CacheAnswer, { kind: 'run' }> | 'run') {
  const notes: string[] = [];
  const requests: CacheRequest[] = [];
  const cache: ResultCache = {
    async lookUp(request) {
      requests.push(request);
      if (answer !== 'run') return answer;
      const keep = async ({ jobId }: { jobId: string }): Promise<void> => void notes.push(`keep ${jobId}`);
      return { kind: 'run', flight: { keep, abandon: async () => void notes.push('abandon') } };
    },
  };
  return { cache, notes, requests };
}

interface Way {
  readonly slot?: JailSlot;
  readonly job?: object;
  readonly signal?: AbortSignal;
}

async function run(cache: ResultCache, way: Way = {}) {
  const slot = makeLiteralSlot();
  const used = way.slot ?? slot;
  const context = {
    worker: { workerId: 'w1', jailerVersion: '1.2', kernel: '6.1' },
    slots: createSlotPool([used], { replace: (each: JailSlot) => each.replace() }),
    profiles: makeLiteralProfiles(),
    provenAt: () => 77,
    floor: [],
    outputBudgetBytes: 1_000_000,
    budgetMarginMs: 10_000,
    slotWaitMs: 10_000,
    cache,
  };
  const message = makeMessage(way.job ?? { cache: {}, labels: { a: 'b' }, limits: { wallTimeMs: 5000 } });
  const signal = way.signal ?? new AbortController().signal;
  const ending = await processJob(context, { jobId: 'j1', message, attempt: 4, token: 't1', signal });
  return { ending, asked: slot.log };
}

describe('a job that asks for the cache', () => {
  const entry = { ...makeLiteralResult(), v: 1, digest: 'd', jobId: 'ran', receipt: literalReceipt } as const;

  test('is answered without a slot', async () => {
    const { cache } = makeCache({ kind: 'hit', entry });
    const { ending, asked } = await run(cache);
    expect(asked).toEqual([]);
    expect(ending).toMatchObject({
      kind: 'result',
      result: {
        jobId: 'j1',
        attempt: 4,
        labels: { a: 'b' },
        submittedAt: 1000,
        commands: entry.commands,
        receipt: { ...literalReceipt, cached: { jobId: 'ran', finishedAt: 200 } },
      },
    });
  });

  test('goes back to the queue without a slot while another runs', async () => {
    const { cache } = makeCache({ kind: 'put-off', delayMs: 70 });
    const { ending, asked } = await run(cache);
    expect([ending, asked]).toEqual([{ kind: 'put-off', delayMs: 70 }, []]);
  });

  test('is looked up by its plan, its lock and its starts, and its run is kept', async () => {
    const { cache, requests, notes } = makeCache('run');
    const { ending } = await run(cache);
    expect(ending).toMatchObject({ kind: 'result', result: { receipt: { worker: 'w1' } } });
    expect(requests).toMatchObject([{ jobId: 'j1', token: 't1', starts: 4, runMsMax: 5000 + 10_000 + 10_000 }]);
    expect(notes).toEqual(['keep j1']);
  });
});

describe('nothing is kept', () => {
  async function notesOf(way: Way): Promise<readonly string[]> {
    const { cache, notes } = makeCache('run');
    const { ending }: { ending: JobEnding | null } = await run(cache, way).catch(() => ({ ending: null }));
    return [ending === null ? 'fault' : ending.kind, ...notes];
  }

  test('of a run that was cancelled, but its flight ends', async () => {
    const controller = new AbortController();
    const slot = makeLiteralSlot({
      run(_command, signal) {
        controller.abort('cancelled');
        return killedReport(signal);
      },
    });
    expect(await notesOf({ slot, signal: controller.signal })).toEqual(['result', 'abandon']);
  });

  test('of a run that a fault ended', async () => {
    const slot = makeLiteralSlot({ run: () => Promise.reject(new Error('lost')) });
    expect(await notesOf({ slot })).toEqual(['fault', 'abandon']);
  });

  test('of a job whose jail lacks what it requires', async () => {
    expect(await notesOf({ job: { cache: {}, requires: ['cgroup'] } })).toEqual(['refused', 'abandon']);
  });
});

describe('the cache is not even asked', () => {
  test.each<[string, Way]>([
    ['for a job that does not ask for it', { job: {} }],
    ['for a job that nobody wants any more', { signal: AbortSignal.abort('cancelled') }],
  ])('%s', async (_what, way) => {
    const { cache, requests } = makeCache('run');
    await run(cache, way);
    expect(requests).toEqual([]);
  });

  test('while a job of the same kind is run as ever', async () => {
    const slot = makeLiteralSlot({ run: () => quietReport });
    const { cache, notes } = makeCache('run');
    await run(cache, { job: {}, slot });
    expect([slot.log, notes]).toEqual([['open', 'run bash -c true', 'close'], []]);
  });
});
