import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runCli, textOf } from './support/run-cli.ts';

it('uids pick proposes a number that no account has', async () => {
  const run = await runCli(['uids', 'pick', '--count', '4']);
  expect(run.exitCode).toBe(0);
  const base = Number(textOf(run.stdout));
  expect(base).toBeGreaterThanOrEqual(3000);
  expect(base + 3).toBeLessThan(2 ** 31);
  for (let uid = base; uid < base + 4; uid += 1) expect(readFileSync('/etc/passwd', 'utf8')).not.toContain(`:${uid}:`);
});

it('uids pick --json says the whole range, at another place each time', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => runCli(['uids', 'pick', '--count', '8', '--json'])));
  const range = JSON.parse(textOf(first?.stdout ?? new Uint8Array())) as { base: number };
  expect(range).toEqual({ base: range.base, last: range.base + 7, count: 8 });
  expect(JSON.parse(textOf(second?.stdout ?? new Uint8Array()))).not.toEqual(range);
});

it('uids pick says when it may not read the locks, and uses those of the directory that is set', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-locks-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), '');
  const run = await runCli(['uids', 'pick'], { env: { BULLPEN_UID_LOCK_DIR: join(folder, 'file') } });
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toMatch(/^bullpen: The locks in .* are root's to read/);
});
