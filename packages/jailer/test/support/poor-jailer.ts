import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { request, shell, slotOf, startWith, type TestJailer, text } from './start.ts';
import { binary, firstUid, makeTableFiles, profileLines } from './table.ts';

export type PoorMode = 'classic' | 'restricted';

export interface PoorJailer extends TestJailer {
  /** The place of the boxes: a tmpfs of its own. */
  readonly boxes: string;
  /** Ends it, if it still runs, and removes what belongs to it. */
  end(): Promise<void>;
}

/** What each mode is left with, by setpriv(1). */
const privileges: Readonly<Record<PoorMode, string>> = {
  classic: '--bounding-set=-all,+setuid,+setgid,+kill,+chown --inh-caps=-all',
  restricted: `--reuid ${firstUid} --regid ${firstUid} --clear-groups --bounding-set=-all --inh-caps=-all`,
};

/**
 * Runs a program under a filter that answers ENOSYS to clone3 and allows everything else, as those of containers do: four instructions of
 * BPF, installed by prctl(2), whose number is the only one that must be known.
 */
const hidingClone3 =
  `perl -e '$f = pack("SCCL" x 4, 0x20,0,0,0, 0x15,0,1,435, 6,0,0,0x50026, 6,0,0,0x7fff0000); ` +
  `$n = ${process.arch === 'arm64' ? 167 : 157}; syscall($n, 38, 1, 0, 0, 0) and die; ` +
  `syscall($n, 22, 2, pack("S x6 P", 4, $f)) and die; exec @ARGV'`;

/** Starts the real jailer with nothing but the privileges of a mode that mounts nothing, and boxes on a small tmpfs, its profile `change`d. */
export async function startPoorJailer(
  mode: PoorMode,
  {
    slots = 1,
    placeBytes = 67_108_864,
    ownPlaces = false,
    placeOfItsOwnUser = false,
    hidesClone3 = false,
    change = (lines: readonly string[]): readonly string[] => lines,
  } = {},
): Promise<PoorJailer> {
  const files = makeTableFiles(slots);
  const boxes = mkdtempSync('/run/bullpen-boxes-');
  const mount = (path: string): Buffer =>
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${placeBytes},mode=1777`, 'boxes', path]);
  mount(boxes);
  if (placeOfItsOwnUser) chownSync(boxes, firstUid, firstUid);
  const places = ownPlaces ? Array.from({ length: slots }, (_, slot) => join(boxes, String(slot))) : [];
  for (const place of places) {
    mkdirSync(place);
    mount(place);
  }
  const program = join(mkdtempSync('/run/bullpen-poor-'), 'jailer');
  writeFileSync(
    program,
    `#!/bin/sh\nexec setpriv ${privileges[mode]} ${hidesClone3 ? hidingClone3 : ''} ${binary} "$@"\n`,
    { mode: 0o755 },
  );
  chmodSync(join(program, '..'), 0o755);
  const lines = [
    'bullpen-table 1',
    `run-dir ${files.runDir}`,
    `mode ${mode}`,
    `boxes ${boxes}`,
    ...Array.from({ length: slots }, (_, slot) => `slot ${slot} ${firstUid + slot} ${firstUid + slot}`),
    ...change(profileLines()).filter((line) => !line.startsWith('link')),
  ];
  if (mode === 'restricted') giveTo(firstUid, files.write(lines), files.runDir);
  const remove = (): void => {
    for (const place of [...places, boxes]) execFileSync('umount', ['--lazy', place]);
    rmSync(boxes, { recursive: true });
    rmSync(join(program, '..'), { recursive: true });
    files.remove();
  };
  const jailer = await startWith({ files, lines, slots, program, leaveOut: [] }).catch((error: unknown) => {
    remove();
    throw error;
  });
  return {
    ...jailer,
    boxes,
    async end() {
      await jailer.close().catch(() => {});
      remove();
    },
  };
}

/** The jailer reads a table of its own user alone. Writing to the file afterwards does not change whose it is. */
function giveTo(uid: number, table: string, runDir: string): void {
  chmodSync(join(table, '..'), 0o755);
  mkdirSync(runDir, { recursive: true });
  for (const path of [table, runDir]) chownSync(path, uid, uid);
}

/** The same for one test, at whose end it ends. */
export async function startForTest(
  mode: PoorMode,
  options: Parameters<typeof startPoorJailer>[1] = {},
): Promise<PoorJailer> {
  const jailer = await startPoorJailer(mode, options);
  onTestFinished(() => jailer.end());
  return jailer;
}

/** Sees that a job runs in the first slot, and finds nothing of an earlier one. */
export async function expectUsable(jailer: PoorJailer): Promise<void> {
  const jail = await slotOf(jailer).open(request());
  const report = await jail.run(shell('echo usable; ls -A . $TMPDIR', { env: ['PATH=/usr/bin', 'TMPDIR=/tmp'] }));
  expect(text(report)).toMatch(/^usable\n.*:\n\n.*:\n$/);
  await jail.close();
}
