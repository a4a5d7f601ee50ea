import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startStranger } from './support/fleet-of-workers.ts';
import { inSmallNamespace } from './support/small-namespace.ts';

const program = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));

/** Runs `bullpen uids pick`, by a launcher's words where the test wants another place for it. */
async function pick(count: number, launcher: readonly string[] = []): Promise<number[]> {
  const [file, ...words] = [...launcher, process.execPath, '--conditions=@bullpen/source', program];
  const { stdout } = await promisify(execFile)(file, [...words, 'uids', 'pick', '--count', String(count), '--json']);
  const { base, last } = JSON.parse(stdout) as { readonly base: number; readonly last: number };
  expect(last).toBe(base + count - 1);
  return Array.from({ length: count }, (_, index) => base + index);
}

/** Users and groups of all processes. */
function idsOfProcesses(): Set<number> {
  const ids = new Set<number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const lines = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(?:Uid|Gid|Groups):(.*)$/gm);
      for (const [, words = ''] of lines) for (const word of words.trim().split(/\s+/)) ids.add(Number(word));
    } catch {
      // it has ended meanwhile
    }
  }
  return ids;
}

test('uids pick proposes UIDs from 3000 to 2^31, each time others, that no account and no process has', async () => {
  const ranges = [await pick(256), await pick(256), await pick(1)];
  const accounts = ['/etc/passwd', '/etc/group'].flatMap((file) =>
    readFileSync(file, 'utf8').split(/[:\n]/).map(Number),
  );
  const inUse = new Set([...accounts, ...idsOfProcesses()]);
  for (const range of ranges) {
    expect(range.at(0)).toBeGreaterThanOrEqual(3000);
    expect(range.at(-1)).toBeLessThan(2 ** 31);
    expect(range.filter((uid) => inUse.has(uid))).toEqual([]);
  }
  expect(new Set(ranges.map(([base]) => base)).size).toBe(ranges.length);
});

test('where only 3000 to 3007 exist, one an account’s and one a process’s, it proposes two others in a row', async () => {
  await startStranger(3002);
  const folder = mkdtempSync(join(tmpdir(), 'bullpen-passwd-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const passwd = join(folder, 'passwd');
  writeFileSync(passwd, 'root:x:0:0::/root:/bin/sh\none:x:3005:3005::/:/bin/sh\n');
  chmodSync(folder, 0o755);
  const launcher = inSmallNamespace(3007, passwd);
  const picked = await Promise.all([1, 2, 3, 4].map(() => pick(2, launcher)));
  for (const range of picked) {
    expect(Math.min(...range)).toBeGreaterThanOrEqual(3000);
    expect(Math.max(...range)).toBeLessThanOrEqual(3007);
    expect(range).not.toContain(3002);
    expect(range).not.toContain(3005);
  }
});

test('where no range is left it says so, with the number of UIDs and the bounds', async () => {
  await expect(pick(20, inSmallNamespace(3007, '/etc/passwd'))).rejects.toThrow(
    'No 20 unused UIDs in a row were found from 3000 to 3007: give this container a larger range of user IDs.',
  );
});
