import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FrameWriter } from '../ts/frame-writer.ts';
import { replyTypes, requestTypes, tags } from '../ts/frame-format.ts';
import { makeRandom } from './support/random.ts';
import { startRawSlot } from './support/raw-slot.ts';
import { openJail, shell, slotOf, startWith, type TestJailer, text } from './support/start.ts';
import { makeTableFiles } from './support/table.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const program = `${packageFolder}/build/bullpen-jailer-sanitized`;
const report = /Sanitizer|runtime error|SUMMARY:/;

let jailer: TestJailer;
beforeAll(async () => {
  execFileSync('make', ['-s', '-C', packageFolder, 'build/bullpen-jailer-sanitized'], { stdio: 'pipe' });
  const files = makeTableFiles(1);
  jailer = await startWith({ files, lines: files.lines, slots: 1, program, leaveOut: [] });
}, 60_000);
afterAll(async () => {
  await jailer.close();
  jailer.files.remove();
});

test('files go in, commands run, files come out', async () => {
  const files = [
    { path: 'in/a.txt', mode: 0o640, content: Buffer.from('alpha\n') },
    { path: 'deep/er/b.bin', mode: 0o600, content: Buffer.alloc(1_000_000, 7) },
  ];
  const jail = await openJail(jailer, { files });
  const first = await jail.run(shell('cat in/a.txt - > out.txt; exit 3', { stdin: Buffer.alloc(200_000, 'x') }));
  expect(first).toMatchObject({ endedBy: 'itself', exitCode: 3 });
  expect(await jail.collect('out.txt', 1_000_000)).toMatchObject({ state: 'collected' });
  expect(await jail.collect('absent', 10)).toMatchObject({ state: 'refused', reason: 'missing' });
  expect(await jail.run({ ...shell(''), argv: ['absent'] })).toMatchObject({ startErrno: 2 });
  await jail.close();
});

test('programs are ended for time, output and cancelling, and their children with them', async () => {
  const jail = await openJail(jailer);
  const late = await jail.run(shell('(setsid sleep 60 &); sleep 60', { limits: { wallTimeMs: 200 } }));
  expect(late.endedBy).toBe('wall-time');
  const flood = await jail.run(shell('yes', { limits: { outputBytes: 10_000 } }));
  expect(flood.endedBy).toBe('output');
  expect(text(await jail.run(shell('echo still here')))).toBe('still here\n');
  await jail.close();
});

test('requests beyond the table are refused', async () => {
  await expect(openJail(jailer, { profileNumber: 77 })).rejects.toThrow(/profile/);
  await expect(openJail(jailer, { diskBytes: 2 ** 40 })).rejects.toThrow(/disk/);
  const jail = await openJail(jailer);
  expect((await jail.run(shell('exit 5'))).exitCode).toBe(5);
  await jail.close();
});

test('a keeper is replaced while its jail runs', async () => {
  const jail = await openJail(jailer);
  const running = jail.run(shell('sleep 60')).catch((error: unknown) => error);
  await delay(50);
  await slotOf(jailer).replace();
  await running;
  const next = await openJail(jailer);
  expect(text(await next.run(shell('echo replaced')))).toBe('replaced\n');
  await next.close();
});

test('hostile frames are refused', async () => {
  const random = makeRandom(7);
  for (const bytes of [hostilePath(), hostileHeader(), Buffer.from(Array.from({ length: 5000 }, () => random(256)))]) {
    const raw = await startRawSlot(program);
    await Promise.race([raw.send(bytes, replyTypes.ERROR), delay(500)]);
    raw.process.letGo();
    expect(await raw.process.ended).toBe('it exited with 0');
    raw.files.remove();
    expect(raw.diagnostics.filter((line) => report.test(line))).toEqual([]);
  }
});

function hostilePath(): Buffer {
  const path = Buffer.from('../'.repeat(2000));
  return new FrameWriter().begin(requestTypes.FILE).bytes(tags.PATH, path).u32(tags.MODE, 0o644).end().take();
}

function hostileHeader(): Buffer {
  return Buffer.alloc(8, 0xff);
}

test('in all of that the sanitizers had nothing to report', async () => {
  await jailer.close();
  expect(jailer.diagnostics.filter((line) => report.test(line))).toEqual([]);
});
