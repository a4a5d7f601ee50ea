import { JailerError, type JailSlot } from '@bullpen/jailer';
import type { Result } from '@bullpen/protocol';
import { describe, expect, test } from 'vitest';
import type { JobEnding } from '../../src/job/job-attempt.ts';
import { processJob } from '../../src/job/process-job.ts';
import type { Floor } from '../../src/probes/floor.ts';
import { createSlotPool } from '../../src/slots.ts';
import type { StopReason } from '../../src/stop-reason.ts';
import { makeLiteralProfiles, makeMessage } from '../support/literal-profiles.ts';
import { killedReport, makeLiteralSlot, quietReport, says } from '../support/literal-slot.ts';

const worker = { workerId: 'w1', jailerVersion: '1.2', kernel: '6.1' };

const replace = (slot: JailSlot): Promise<void> => slot.replace();

function run(
  slot: JailSlot,
  attempt: { message?: unknown; signal?: AbortSignal; budgetMarginMs?: number; floor?: Floor } = {},
) {
  const slots = createSlotPool([slot], { replace });
  const context = {
    worker,
    slots,
    profiles: makeLiteralProfiles(),
    provenAt: () => 77,
    floor: attempt.floor ?? [],
    outputBudgetBytes: 1_000_000,
    budgetMarginMs: attempt.budgetMarginMs ?? 10_000,
    slotWaitMs: 10_000,
    cache: null,
  };
  const ending = processJob(context, {
    jobId: 'j1',
    message: attempt.message ?? makeMessage(),
    attempt: 1,
    token: 't1',
    signal: attempt.signal ?? new AbortController().signal,
  });
  return { ending, slots };
}

/** The same while another job has the only slot. */
async function runWithoutSlot(signal: AbortSignal): Promise<JobEnding> {
  const slots = createSlotPool([makeLiteralSlot()], { replace });
  await slots.take();
  const context = {
    worker,
    slots,
    profiles: makeLiteralProfiles(),
    provenAt: () => 0,
    floor: [],
    outputBudgetBytes: 10,
    budgetMarginMs: 10,
    slotWaitMs: 10,
    cache: null,
  };
  return processJob(context, { jobId: 'j1', message: makeMessage(), attempt: 1, token: 't1', signal });
}

function resultOf(ending: JobEnding): Result {
  if (ending.kind !== 'result') throw new Error('The job was given back.');
  return ending.result;
}

function abortAfterStart(reason: StopReason) {
  const controller = new AbortController();
  const slot = makeLiteralSlot({
    run(_command, signal) {
      controller.abort(reason);
      return killedReport(signal);
    },
  });
  return { slot, signal: controller.signal };
}

describe('a job that requires layers', () => {
  const requires = ['landlock', 'cgroup'] as const;

  test('runs nothing in a jail that lacks one, and costs the slot nothing', async () => {
    const slot = makeLiteralSlot({ layers: ['identity', 'landlock'] });
    const { ending, slots } = run(slot, { message: makeMessage({ requires, collect: ['out'] }) });
    expect(await ending).toEqual({
      kind: 'refused',
      refusal: {
        profile: 'bash',
        required: requires,
        missing: ['cgroup'],
        isBelowFloor: false,
        layers: [
          { name: 'identity', detail: 'as measured' },
          { name: 'landlock', detail: 'as measured' },
        ],
      },
    });
    expect(slot.log).toEqual(['open', 'close']);
    expect(await slots.take()).toBe(slot);
  });

  test('or none, runs nothing in a jail below the floor of the worker', async () => {
    const slot = makeLiteralSlot({ layers: ['identity', 'landlock'] });
    const floor: Floor = [['identity'], ['apparmor', 'cgroup']];
    for (const message of [makeMessage(), makeMessage({ requires: ['landlock'] })]) {
      const { ending } = run(slot, { message, floor });
      expect(await ending).toMatchObject({
        kind: 'refused',
        refusal: { missing: ['apparmor', 'cgroup'], isBelowFloor: true },
      });
    }
    expect(slot.log).toEqual(['open', 'close', 'open', 'close']);
  });

  test('runs in one that has them all', async () => {
    const slot = makeLiteralSlot({ layers: ['identity', 'landlock', 'cgroup'] });
    expect(await run(slot, { message: makeMessage({ requires }) }).ending).toMatchObject({ kind: 'result' });
  });
});

describe('processing a job', () => {
  test('opens a jail, runs the commands in order, collects, and publishes with a receipt', async () => {
    const slot = makeLiteralSlot({
      run: ({ argv }) => ({ ...quietReport, stdout: says(argv[0] ?? '') }),
      collect: (path) => ({ state: 'collected', path, mode: 0o644, content: Buffer.from('kept') }),
    });
    const message = makeMessage({
      files: [{ path: 'main.sh', content: 'true' }],
      commands: [{ argv: ['one'] }, { argv: ['two'] }],
      collect: ['out.txt'],
      labels: { course: 'c1' },
    });
    const { ending, slots } = run(slot, { message });
    const result = resultOf(await ending);
    expect(slot.log.slice(0, 4)).toEqual(['open main.sh', 'run one', 'run two', 'collect out.txt']);
    expect(result.commands.map(({ outcome, stdout }) => [outcome, stdout.data])).toEqual([
      [{ kind: 'exited', exitCode: 0 }, 'one'],
      [{ kind: 'exited', exitCode: 0 }, 'two'],
    ]);
    expect(result).toMatchObject({
      jobId: 'j1',
      state: 'finished',
      labels: { course: 'c1' },
      submittedAt: 1000,
      attempt: 1,
    });
    expect(result.files).toEqual([
      { state: 'collected', path: 'out.txt', mode: 0o644, encoding: 'utf8', data: 'kept', bytes: 4 },
    ]);
    expect(result.receipt).toMatchObject({
      worker: 'w1',
      slot: 0,
      uid: 5000,
      provenAt: 77,
      toolchain: 'GNU bash, version 5.2',
    });
    await expect.poll(() => slots.free).toBe(1);
    expect(slot.log.at(-1)).toBe('close');
  });

  test('completes with a program’s failure, and skips what comes after it unless told otherwise', async () => {
    const slot = makeLiteralSlot({ run: () => ({ ...quietReport, exitCode: 7 }) });
    const commands = [{ argv: ['a'], stopOnFailure: false }, { argv: ['b'] }, { argv: ['c'] }];
    const result = resultOf(await run(slot, { message: makeMessage({ commands }) }).ending);
    expect(result.commands.map(({ outcome }) => outcome.kind)).toEqual(['exited', 'exited', 'skipped']);
  });

  test.each([
    ['invalid-job', { v: 1 }],
    ['unknown-profile', makeMessage({ profile: 'cobol' })],
    ['profile-unavailable', makeMessage({ profile: 'python' })],
    ['limit-above-ceiling', makeMessage({ limits: { wallTimeMs: 3_600_000, openFiles: 65_536 } })],
    ['expired', makeMessage({ expiresAt: '2020-01-01T00:00:00Z' })],
  ])('refuses with %s before it takes a slot', async (code, message) => {
    const slot = makeLiteralSlot();
    await expect(run(slot, { message }).ending).rejects.toMatchObject({ name: 'BullpenError', code });
    expect(slot.log).toEqual([]);
  });

  test('ends as cancelled, with what had run and without collecting, when its producer no longer wants it', async () => {
    const { slot, signal } = abortAfterStart('cancelled');
    const commands = [{ argv: ['a'] }, { argv: ['b'] }];
    const result = resultOf(await run(slot, { signal, message: makeMessage({ commands, collect: ['x'] }) }).ending);
    expect(result.state).toBe('cancelled');
    expect(result.commands.map(({ outcome }) => outcome.kind)).toEqual(['cancelled', 'cancelled']);
    expect(slot.log).not.toContain('collect x');
  });

  test('is cancelled without a slot when none is free', async () => {
    expect(resultOf(await runWithoutSlot(AbortSignal.abort('cancelled')))).toMatchObject({
      state: 'cancelled',
      receipt: null,
      commands: [{ outcome: { kind: 'cancelled' } }],
    });
  });

  test('goes back to the queue when it has waited too long for a slot', async () => {
    expect(await runWithoutSlot(new AbortController().signal)).toEqual({ kind: 'give-back' });
  });

  test('goes back to the queue when the worker stops', async () => {
    const { slot, signal } = abortAfterStart('shutdown');
    expect(await run(slot, { signal }).ending).toEqual({ kind: 'give-back' });
  });

  test.each([
    ['lock-lost', 'worker-lost'],
    ['jailer-lost', 'slot-lost'],
  ] as const)('is a fault after %s', async (reason, code) => {
    const { slot, signal } = abortAfterStart(reason);
    await expect(run(slot, { signal }).ending).rejects.toMatchObject({ code });
  });

  test('a job that ended by itself before the stop arrived keeps its result', async () => {
    const controller = new AbortController();
    const slot = makeLiteralSlot({
      run() {
        controller.abort('shutdown');
        return quietReport;
      },
    });
    expect(resultOf(await run(slot, { signal: controller.signal }).ending).state).toBe('finished');
  });

  test('a slot that does not answer is quarantined and the job is a fault', async () => {
    const slot = makeLiteralSlot({ run: () => new Promise(() => {}) });
    const message = makeMessage({ limits: { wallTimeMs: 10 } });
    const { ending, slots } = run(slot, { message, budgetMarginMs: 20 });
    await expect(ending).rejects.toMatchObject({ code: 'budget-exceeded' });
    await expect.poll(() => slots.free).toBe(1);
    expect(slot.log.at(-1)).toBe('replace');
  });

  test.each([
    ['keeper', 'slot-lost'],
    ['enter_view', 'jail-failed'],
  ])('a jailer that fails at step %s makes %s, and the slot is replaced', async (step, code) => {
    const slot = makeLiteralSlot({ run: () => Promise.reject(new JailerError({ step, errno: 1, detail: 'x' })) });
    const { ending, slots } = run(slot);
    await expect(ending).rejects.toMatchObject({ code, message: expect.stringContaining(step) });
    await expect.poll(() => slots.free).toBe(1);
    expect(slot.log.at(-1)).toBe('replace');
  });

  test('a jail that cannot be closed costs the slot its keeper, not the job its result', async () => {
    const slot = makeLiteralSlot({ close: () => Promise.reject(new Error('not empty')) });
    const { ending, slots } = run(slot);
    expect(resultOf(await ending).state).toBe('finished');
    await expect.poll(() => slots.free).toBe(1);
    expect(slot.log.slice(-2)).toEqual(['close', 'replace']);
  });
});
