import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../tests/support/eventually.ts';
import { familyOf, nameOf } from '../../../tests/support/host-count.ts';
import type { Jail } from '../ts/types.ts';
import { request, shell, slotOf, startWith, type TestJailer, text } from './support/start.ts';
import { binary, firstUid, makeTableFiles } from './support/table.ts';

let locks: string;
beforeEach(() => {
  locks = mkdtempSync('/run/bullpen-uids-test-');
});
afterEach(() => rmSync(locks, { recursive: true }));

/** A jailer whose slots have the UIDs from `base` on; `uidLocks` null leaves the line out. */
async function start(base: number, slots = 1, uidLocks: string | null = locks): Promise<TestJailer> {
  const files = makeTableFiles(slots);
  onTestFinished(() => files.remove());
  const withoutSlots = files.lines.filter((line) => !line.startsWith('slot '));
  const [version = '', runDir = '', mode = '', ...rest] = withoutSlots;
  const slotLines = Array.from({ length: slots }, (_, slot) => `slot ${slot} ${base + slot} ${base + slot}`);
  const lockLine = uidLocks === null ? [] : [`uid-locks ${uidLocks}`];
  const lines = [version, runDir, mode, ...lockLine, ...slotLines, ...rest];
  const jailer = await startWith({ files, lines, slots, program: binary, leaveOut: [] });
  onTestFinished(() => jailer.close());
  return jailer;
}

const masterOf = (jailer: TestJailer): number => {
  const isOurs = (pid: number): boolean => pid !== process.pid && familyOf(pid).length > 1 + jailer.slots.length;
  return familyOf(process.pid).find((pid) => nameOf(pid) === 'bullpen-master' && isOurs(pid)) ?? 0;
};

async function uses(jailer: TestJailer, script: string, slot = 0): Promise<{ said: string; jail: Jail }> {
  const jail = await slotOf(jailer, slot).open(request());
  return { said: text(await jail.run(shell(script))), jail };
}

describe('the lock of a UID', () => {
  test('keeps a second jailer from any slot of the first; ranges beside it are free; the end of the first sets it free', async () => {
    const first = await start(firstUid, 2);
    expect(readdirSync(locks).sort()).toEqual([String(firstUid), String(firstUid + 1)]);
    const refused = start(firstUid + 1, 2).catch((error: unknown) => error);
    await start(firstUid + 2);
    expect(await refused).toMatchObject({
      name: 'JailerError',
      step: 'uid-lock',
      message: expect.stringContaining(
        `UID ${firstUid + 1} is locked by another worker of this host (${locks}/${firstUid + 1}): give this one other UIDs, or end that one`,
      ),
    });
    await first.close();
    const next = await start(firstUid, 2);
    expect((await uses(next, 'id -u')).said).toBe(`${firstUid}\n`);
  });

  test('leaves no file behind in an orderly end', async () => {
    const jailer = await start(firstUid, 2);
    await jailer.close();
    expect(readdirSync(locks)).toEqual([]);
  });

  test('of a jailer that was killed with a job inside is free once its slots are, and the next jailer proves them empty', async () => {
    const killed = await start(firstUid);
    const jail = await slotOf(killed).open(request());
    const running = jail.run(shell('(setsid sleep 77 &); sleep 77')).catch(() => {});
    await eventually('the program runs', () => familyOf(process.pid).some((pid) => nameOf(pid) === 'sleep'));
    process.kill(masterOf(killed), 'SIGKILL');
    await running;
    expect(readdirSync(locks)).toEqual([String(firstUid)]);
    const next = await start(firstUid);
    expect((await uses(next, 'echo usable')).said).toBe('usable\n');
  });

  test('of a jailer that was killed does not leave its file for ever', async () => {
    const killed = await start(firstUid);
    process.kill(masterOf(killed), 'SIGKILL');
    await killed.ended;
    await eventually('the stale file is gone', async () => {
      await (await start(firstUid + 1)).close();
      return readdirSync(locks).length === 0;
    });
  });

  test('does not make a UID empty: one that a stranger’s process has is not taken', async () => {
    const stranger = spawn('sleep', ['60'], { uid: firstUid, gid: firstUid, stdio: 'ignore' });
    onTestFinished(() => void stranger.kill());
    await once(stranger, 'spawn');
    const starting = start(firstUid);
    const early = await Promise.race([starting.then(() => 'taken'), new Promise((done) => setTimeout(done, 1000))]);
    expect(early).toBeUndefined();
    const ended = once(stranger, 'exit');
    stranger.kill('SIGKILL');
    await ended;
    expect((await uses(await starting, 'echo usable')).said).toBe('usable\n');
  });

  test.each<[what: string, spoil: () => void, sentence: RegExp]>([
    ['others may write', () => chmodSync(locks, 0o777), /must belong to the jailer's user/],
    ['belongs to somebody else', () => chownSync(locks, firstUid, firstUid), /must belong to the jailer's user/],
    [
      'is a file',
      () => {
        rmSync(locks, { recursive: true });
        writeFileSync(locks, '');
      },
      /Not a directory/,
    ],
  ])('is not trusted to a directory that %s', async (_, spoil, sentence) => {
    spoil();
    await expect(start(firstUid)).rejects.toMatchObject({ step: 'start', message: expect.stringMatching(sentence) });
  });

  test('is in a directory that the jailer makes', async () => {
    await start(firstUid, 1, join(locks, 'below'));
    expect(readdirSync(join(locks, 'below'))).toEqual([String(firstUid)]);
  });
});

describe('NPROC', () => {
  /** Has nine processes of twelve for a while, in the midst of which the other slot wants eight. */
  const fill = 'for i in 1 2 3 4 5 6 7 8; do sleep 3 & done; read -t 0.6 <> <(:); echo full';
  const limited = (script: string) => shell(script, { limits: { processes: 12, wallTimeMs: 4000 } });
  const grow = 'read -t 0.3 <> <(:); for i in 1 2 3 4 5 6 7; do sleep 0.5 & done; echo grown';

  test('of one job never affects another: each slot has its own count', async () => {
    const jailer = await start(firstUid, 2);
    const [full, grown] = await Promise.all([
      slotOf(jailer, 0)
        .open(request())
        .then((jail) => jail.run(limited(fill))),
      slotOf(jailer, 1)
        .open(request())
        .then((jail) => jail.run(limited(grow))),
    ]);
    expect([text(full), text(grown)]).toEqual(['full\n', 'grown\n']);
    expect(Buffer.from(grown.stderr.bytes).toString()).toBe('');
  });

  test('would, if two slots shared a UID: that is what locks are for', async () => {
    const mine = await start(firstUid, 1);
    // Without its line in the table the second jailer takes the same UID while nothing runs there.
    const shared = await start(firstUid, 1, null);
    const other = await slotOf(shared).open(request());
    const filling = (await slotOf(mine).open(request())).run(limited(fill));
    await eventually(
      'the slot is full',
      () => familyOf(process.pid).filter((pid) => nameOf(pid) === 'sleep').length >= 8,
    );
    const grown = await other.run(limited(grow));
    expect(text(await filling)).toBe('full\n');
    // bash tries again after a second, when the other slot's processes are gone.
    expect(Buffer.from(grown.stderr.bytes).toString()).toContain('fork: retry: Resource temporarily unavailable');
  });
});
