import { createCatalog } from '@bullpen/profiles';
import { describe, expect, test } from 'vitest';
import { type CodejailCalls, makeCodejailCalls } from '../../src/codejail/codejail-calls.ts';
import { parsePolicy } from '../../src/codejail/policy.ts';
import type { JobToSubmit } from '../../src/job-to-submit.ts';

const policy = {
  limits: { CPU: 2, VMEM: 268_435_456 },
  overrides: { 'course-v1:X': { CPU: 9, NPROC: 40 } },
  commands: { python: { profile: 'python', argv: ['python3', '-E'] }, none: { profile: 'absent', argv: ['x'] } },
};

/** The job that a call would submit. */
async function jobOf(call: (calls: CodejailCalls) => Promise<unknown>): Promise<JobToSubmit> {
  const submitted = Promise.withResolvers<JobToSubmit>();
  const calls = makeCodejailCalls({
    policy: parsePolicy(policy),
    secret: Buffer.alloc(32),
    catalog: createCatalog(),
    submit: (job) => {
      submitted.resolve(job);
      return Promise.reject(new Error('submitted'));
    },
  });
  await expect(call(calls)).rejects.toThrow('submitted');
  return submitted.promise;
}

describe('a call takes its limits', () => {
  test('from the policy', async () => {
    const { limits } = await jobOf((calls) => calls.jailCode({ command: 'python', code: 'pass' }));
    expect(limits).toMatchObject({ cpuTimeMs: 2000, wallTimeMs: 1000, processes: 15, fileSizeBytes: 0 });
    expect(limits?.addressSpaceBytes).toBe(268_435_456);
  });

  test('from its context over that, and its own over all', async () => {
    const options = { code: 'pass', limitOverridesContext: 'course-v1:X', limits: { NPROC: 7 } };
    const { limits } = await jobOf((calls) => calls.safeExec(options));
    expect(limits).toMatchObject({ cpuTimeMs: 9000, processes: 7, fileSizeBytes: 8_388_608 });
  });
});

test("a call runs the policy's command in its profile", async () => {
  const job = await jobOf((calls) => calls.safeExec({ code: 'pass' }));
  expect(job).toMatchObject({ profile: 'python', commands: [{ argv: ['python3', '-E', 'jailed_code'] }] });
});

test("what is the job's own is passed on", async () => {
  const own = { id: 'a-1', labels: { a: 'b' }, priority: 'batch', cache: { scope: 's' }, resultTtlMs: 60_000 } as const;
  const expiresAt = '2030-01-31T12:00:00Z';
  for (const call of ['safeExec', 'jailCode'] as const) {
    const options = { command: 'python', code: 'pass', slug: 'p', expiresAt, ...own };
    const job = await jobOf((calls) => calls[call](options));
    expect(job).toMatchObject({ ...own, expiresAt, labels: { a: 'b', slug: 'p' } });
  }
});

describe('a call is refused', () => {
  const calls = makeCodejailCalls({
    policy: parsePolicy(policy),
    secret: Buffer.alloc(32),
    catalog: createCatalog(),
    submit: () => Promise.reject(new Error('submitted')),
  });

  test('for a profile that nobody knows', async () => {
    await expect(calls.jailCode({ command: 'none' })).rejects.toMatchObject({ code: 'unknown-profile' });
  });

  test('for globals that JSON has no form for', async () => {
    const call = calls.safeExec({ code: 'pass', globals: { f: [() => 1] } });
    await expect(call).rejects.toThrow('globals.f[0] is a function, which JSON has no form for: leave it out.');
  });

  test('for a python path that was not sent', async () => {
    const call = calls.safeExec({ code: 'pass', files: [{ path: 'library/a.py', content: '' }], pythonPath: ['lib'] });
    await expect(call).rejects.toThrow('pythonPath has "lib", which is not among the files: send it with them.');
  });

  test('without being submitted when it was given up before', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(calls.safeExec({ code: 'pass', signal })).rejects.toThrow('too late');
  });
});
