import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limits, openJail, request, shell, slotOf, startTestJailer, type TestJailer, text } from './support/start.ts';
import { ceilings, firstUid } from './support/table.ts';
import { leastOf } from '../../../tests/support/least-of.ts';

let jailer: TestJailer;
beforeAll(async () => {
  jailer = await startTestJailer();
});
afterAll(async () => {
  await jailer.close();
  jailer.files.remove();
});

describe('a jail', () => {
  test('is opened with files, runs commands one after another, gives files back and is closed', async () => {
    expect(slotOf(jailer).uid).toBe(firstUid);
    const files = [
      { path: 'in/a.txt', mode: 0o640, content: Buffer.from('alpha\n') },
      { path: 'run.sh', mode: 0o755, content: Buffer.from('#!/bin/bash\ncat in/a.txt - >out.txt; id -u') },
    ];
    const jail = await openJail(jailer, { files });
    const first = await jail.run({ ...shell(''), argv: ['./run.sh'], stdin: Buffer.from('omega\n') });
    expect(first).toMatchObject({ endedBy: 'itself', exitCode: 0, signal: null, startErrno: 0, oomKills: 0 });
    expect(text(first)).toBe(`${firstUid}\n`);
    const second = await jail.run(shell('cat out.txt; echo oops >&2; exit 3'));
    expect([second.exitCode, text(second), Buffer.from(second.stderr.bytes).toString()]).toEqual([
      3,
      'alpha\nomega\n',
      'oops\n',
    ]);
    expect(second.stdout.bytesSeen).toBe(12);
    const collected = await jail.collect('out.txt', 100);
    expect(collected).toMatchObject({ state: 'collected', path: 'out.txt', mode: 0o644 });
    expect(collected.state === 'collected' && Buffer.from(collected.content).toString()).toBe('alpha\nomega\n');
    expect(await jail.collect('nothing', 100)).toEqual({ state: 'refused', path: 'nothing', reason: 'missing' });
    expect(await jail.collect('out.txt', 11)).toMatchObject({ reason: 'too-large' });
    await jail.close();
  });

  test('has the directories that were asked for, empty and its own, besides those of the files', async () => {
    const files = [{ path: 'in/a', mode: 0o644, content: Buffer.from('a') }];
    const jail = await openJail(jailer, { files, directories: ['tmp', 'in', 'deep/er', 'tmp'] });
    const report = await jail.run(shell('stat -c "%n %a %u %F" * */*; touch tmp/x deep/er/x && ls tmp deep/er'));
    const directory = (path: string): string => `${path} 755 ${firstUid} directory`;
    expect(text(report).split('\n')).toEqual([
      ...['deep', 'in', 'tmp', 'deep/er'].map(directory),
      `in/a 644 ${firstUid} regular file`,
      ...['deep/er:', 'x', '', 'tmp:', 'x', ''],
    ]);
    await jail.close();
  });

  test('lists the layers that the jailer measured', async () => {
    const jail = await openJail(jailer);
    const names = jail.layers.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['identity', 'rlimits', 'namespaces', 'landlock', 'seccomp', 'cgroup']),
    );
  });

  test('begins empty: nothing of the job before is there', async () => {
    const first = await openJail(jailer);
    await first.run(shell('touch /work/left /tmp/left /dev/shm/left'));
    await first.close();
    const second = await openJail(jailer);
    expect(text(await second.run(shell('ls -A /work /tmp /dev/shm')))).toBe('/dev/shm:\n\n/tmp:\n\n/work:\n');
  });

  test('takes 10 MB of stdin', async () => {
    const jail = await openJail(jailer);
    const stdin = Buffer.alloc(10_000_000, 'abcdefg');
    const report = await jail.run(shell('md5sum', { stdin }));
    const { createHash } = await import('node:crypto');
    expect(text(report)).toBe(`${createHash('md5').update(stdin).digest('hex')}  -\n`);
  });

  test('loses no byte of a large file, in or out', async () => {
    const content = Buffer.alloc(5_000_000, 'hijk');
    const jail = await openJail(jailer, { files: [{ path: 'big', mode: 0o644, content }] });
    await jail.run(shell('cp big copy'));
    const answer = await jail.collect('copy', 5_000_000);
    expect(answer.state === 'collected' && Buffer.from(answer.content).equals(content)).toBe(true);
  });

  test('ends a command that floods a stream, and keeps exactly the cap', async () => {
    const jail = await openJail(jailer);
    const report = await jail.run(shell('head -c 50000000 /dev/zero >&2', { limits: { outputBytes: 100_000 } }));
    expect(report.endedBy).toBe('output');
    expect(report.stderr.bytes.length).toBe(100_000);
    expect(report.stderr.bytesSeen).toBeGreaterThan(100_000);
    expect(report.stdout.bytes.length).toBe(0);
  });

  test('an abort kills the whole tree within 100 ms, and the jail goes on', async () => {
    const jail = await openJail(jailer);
    const abort = async (): Promise<number> => {
      const controller = new AbortController();
      const running = jail.run(shell('sleep 60 & sleep 60 & wait'), { signal: controller.signal });
      setTimeout(() => controller.abort(), 100);
      const report = await running;
      expect(report).toMatchObject({ endedBy: 'kill', signal: 9 });
      return report.wallTimeUs;
    };
    expect(await leastOf(200_000, abort)).toBeLessThan(200_000);
    expect(text(await jail.run(shell('echo still here')))).toBe('still here\n');
  });

  test('a signal that is aborted before the call kills the command at once', async () => {
    const jail = await openJail(jailer);
    const report = await jail.run(shell('sleep 60'), { signal: AbortSignal.abort() });
    expect(report.endedBy).toBe('kill');
  });

  test('the wall-clock limit holds to the millisecond', async () => {
    const jail = await openJail(jailer);
    const run = async (): Promise<number> => {
      const report = await jail.run(shell('sleep 5', { limits: { wallTimeMs: 50 } }));
      expect(report.endedBy).toBe('wall-time');
      expect(report.wallTimeUs).toBeGreaterThanOrEqual(50_000);
      return report.wallTimeUs;
    };
    expect(await leastOf(90_000, run)).toBeLessThan(90_000);
  });

  test('a program that cannot be started is told by its errno', async () => {
    const jail = await openJail(jailer, { files: [{ path: 'bad', mode: 0o755, content: Buffer.from('\x7fELF') }] });
    const errno = async (program: string): Promise<number> =>
      (await jail.run({ ...shell(''), argv: [program] })).startErrno;
    expect([await errno('nothing-of-this-name'), await errno('/work'), await errno('./bad')]).toEqual([2, 13, 8]);
  });

  test('more files than the disk holds are a JailerError of step write_file, and the slot is usable again', async () => {
    const content = Buffer.alloc(200_000);
    await expect(
      (async () => {
        const jail = await openJail(jailer, { diskBytes: 131_072, files: [{ path: 'a', mode: 0o644, content }] });
        await jail.run(shell('true'));
      })(),
    ).rejects.toMatchObject({ name: 'JailerError', step: 'write_file', errno: 28 });
  });

  test('closing while a command runs ends it', async () => {
    const jail = await openJail(jailer);
    const running = jail.run(shell('sleep 60'));
    await jail.close();
    expect((await running).endedBy).toBe('kill');
  });
});

describe('a request above its ceiling', () => {
  const names = {
    wallTimeMs: 'wall-ms',
    cpuTimeMs: 'cpu-ms',
    memoryBytes: 'memory',
    processes: 'processes',
    openFiles: 'open-files',
  } as const;
  const more = { fileSizeBytes: 'file-size', stackBytes: 'stack', outputBytes: 'output' } as const;
  test.each(Object.entries({ ...names, ...more }))(
    '%s: the ceiling itself is allowed, one more is refused',
    async (limit, word) => {
      const ceiling = ceilings[word] ?? 0;
      const allowed = await openJail(jailer);
      expect((await allowed.run(shell('true', { limits: { [limit]: ceiling } }))).exitCode).toBe(0);
      await allowed.close();
      const refused = await openJail(jailer);
      await expect(refused.run(shell('true', { limits: { [limit]: ceiling + 1 } }))).rejects.toMatchObject({
        step: 'request',
      });
    },
  );

  test.each(['diskBytes', 'diskFiles'] as const)('%s: one more than the ceiling is refused', async (limit) => {
    const ceiling = ceilings[limit === 'diskBytes' ? 'disk-bytes' : 'disk-files'] ?? 0;
    await (await openJail(jailer, { [limit]: ceiling })).close();
    await expect(openJail(jailer, { [limit]: ceiling + 1 })).rejects.toMatchObject({ step: 'request' });
  });

  test('a profile number that the table lacks is refused', async () => {
    await expect(openJail(jailer, { profileNumber: 1 })).rejects.toMatchObject({ step: 'request' });
  });

  test('a missing stdin, argv of one word and limits as asked are enough', async () => {
    const jail = await slotOf(jailer).open(request());
    expect((await jail.run({ argv: ['/usr/bin/true'], env: [], stdin: new Uint8Array(), limits })).exitCode).toBe(0);
    await jail.close();
  });
});
