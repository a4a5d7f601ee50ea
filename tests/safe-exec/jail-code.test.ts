import type { JailCodeOptions } from '@bullpen/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { patience } from '../support/patience.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

const roomy = { CPU: 20, REALTIME: 20 * patience };

/** Status and both streams as text. */
async function jailed(options: Partial<JailCodeOptions>): Promise<{ status: number; stdout: string; stderr: string }> {
  const all = { command: 'python', ...options, limits: { ...roomy, ...options.limits } };
  const { status, stdout, stderr } = await fleet.client.jailCode(all);
  return { status, stdout: Buffer.from(stdout).toString(), stderr: Buffer.from(stderr).toString() };
}

describe('jailCode', () => {
  test('without code runs what argv names', async () => {
    const files = [{ path: 'main.py', content: 'print("from a file")' }];
    expect(await jailed({ files, argv: ['main.py'] })).toMatchObject({ status: 0, stdout: 'from a file\n' });
    const missing = await jailed({ argv: ['other.py'] });
    expect(missing.status).toBe(2);
    expect(missing.stderr).toContain("can't open file");
  });

  test.each([
    ['import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', {}, -11],
    ['while True: pass', { CPU: 0.5 }, -24],
    ['import time; time.sleep(60)', { REALTIME: 0.5 }, -9],
    ['pass', {}, 0],
  ])('%j under %j has status %i', async (code, limits, status) => {
    expect((await jailed({ code, limits })).status).toBe(status);
  });

  test('keeps FSIZE as the limit of files', async () => {
    const code = 'with open("tmp/f", "wb", 0) as f: print(f.write(b"x" * 11))';
    expect(await jailed({ code })).toMatchObject({ status: 1, stdout: '' });
    expect(await jailed({ code, limits: { FSIZE: 10 } })).toMatchObject({ status: 0, stdout: '10\n' });
  });
});

describe('a call is refused with a sentence', () => {
  test.each<[Partial<JailCodeOptions>, string]>([
    [{ command: 'ruby' }, 'The policy has no command "ruby": add it to the policy\'s commands.'],
    [{ files: [{ path: '../x', content: '' }] }, 'The name of a file must not contain "..", got "../x".'],
    [{ extraFiles: [['/etc/x', '']] }, 'The name of a file must be relative to the work directory, got "/etc/x".'],
    [
      { code: 'pass', extraFiles: [['jailed_code', '']] },
      'The name of a file must not be that of the code, got "jailed_code".',
    ],
    [
      { files: [{ path: 'tmp', content: '' }] },
      'The name of a file must not be that of the directory for temporary files, got "tmp".',
    ],
    [{ code: '"\ud800"' }, 'The code must be well-formed Unicode: it has a lone surrogate.'],
    [{ limits: { NPROC: 513 } }, 'limits.processes must be at most 512 for profile codejail, got 513'],
    [{ limits: { CPU: -1 } }, 'limits.CPU must be at least 0, got -1.'],
  ])('%j', async (options, sentence) => {
    await expect(fleet.client.jailCode({ command: 'python', ...options })).rejects.toThrow(sentence);
  });
});

describe('who stops waiting', () => {
  test('cancels the job', async () => {
    const id = `given-up-${process.pid}`;
    const call = fleet.client.jailCode({
      command: 'python',
      code: 'import time; time.sleep(60)',
      limits: roomy,
      id,
      timeoutMs: 300,
    });
    await expect(call).rejects.toThrow('has no result after 300 ms');
    expect((await fleet.client.job(id).result({ timeoutMs: 10_000 * patience })).state).toBe('cancelled');
  });

  test('by a signal gets its reason', async () => {
    const stop = new AbortController();
    const call = fleet.client.safeExec({ code: 'import time; time.sleep(60)', limits: roomy, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});

test('slug and labels come back, and a cached run is told', async () => {
  const options = {
    code: 'x = 1',
    slug: 'problem-1',
    labels: { course: 'X' },
    cache: { scope: `s${process.pid}` },
    limits: roomy,
  };
  const first = await fleet.client.safeExec(options);
  expect(first.result.labels).toEqual({ slug: 'problem-1', course: 'X' });
  const second = await fleet.client.safeExec(options);
  expect(second.globals).toEqual({ x: 1 });
  expect(second.result.receipt?.cached?.jobId).toBe(first.result.jobId);
  expect((await fleet.client.safeExec({ ...options, code: 'x = 2' })).globals).toEqual({ x: 2 });
});
