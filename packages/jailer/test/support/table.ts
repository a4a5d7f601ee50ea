import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cgroupParents } from '../../../../tests/support/cgroup-parents.ts';

export const binary = fileURLToPath(new URL('../../build/bullpen-jailer', import.meta.url));

/** Small numbers where a test wants to stand just above a ceiling. */
export const ceilings: Readonly<Record<string, number>> = {
  'wall-ms': 20_000,
  'cpu-ms': 20_000,
  memory: 536_870_912,
  'address-space': 0,
  processes: 64,
  'file-size': 67_108_864,
  'open-files': 256,
  stack: 67_108_864,
  output: 16_777_216,
  'disk-bytes': 67_108_864,
  'disk-files': 20_000,
};

export const firstUid = 1_700_000_000 + process.pid * 16;

/** The lines of one profile that shows the host's programs and may do all that a profile can allow. */
export const profileLines = (number = 0, name = 'all'): string[] => [
  `profile ${number} ${name}`,
  'allow write',
  'allow execute-written',
  'allow unix-sockets',
  'allow fork',
  'allow exec',
  'view execute /usr/bin /usr/bin',
  'view execute /usr/lib /usr/lib',
  'view execute /usr/lib64 /usr/lib64',
  'link usr/bin /bin',
  'link usr/lib /lib',
  'link usr/lib64 /lib64',
  ...Object.entries(ceilings).map(([limit, value]) => `ceiling ${limit} ${value}`),
  'end',
];

export interface TableFiles {
  readonly runDir: string;
  /** A sound table of `slots` slots, line by line. */
  readonly lines: readonly string[];
  /** Writes a table and returns its path. */
  write(lines: readonly string[]): string;
  remove(): void;
}

/** A private directory with a run-dir, and the lines of a table that uses it. */
export function makeTableFiles(slots: number): TableFiles {
  const directory = mkdtempSync('/run/bullpen-test-');
  const runDir = join(directory, 'run');
  mkdirSync(runDir, { mode: 0o700 });
  const name = directory.slice('/run/'.length);
  const cgroups = cgroupParents.map(({ controller, path }) => `cgroup ${controller} ${path}/${name}`);
  const slotLines = Array.from({ length: slots }, (_, slot) => `slot ${slot} ${firstUid + slot} ${firstUid + slot}`);
  return {
    runDir,
    lines: ['bullpen-table 1', `run-dir ${runDir}`, 'mode root', ...slotLines, ...cgroups, ...profileLines()],
    write(lines) {
      const file = join(directory, 'table');
      writeFileSync(file, `${lines.join('\n')}\n`);
      chmodSync(file, 0o600);
      return file;
    },
    remove() {
      rmSync(directory, { recursive: true });
      for (const { path } of cgroupParents) removeCgroup(join(path, name));
    },
  };
}

/** What a jailer that was killed leaves behind. The kernel says EBUSY while the last processes are ending. */
function removeCgroup(path: string): void {
  if (!existsSync(path)) return;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(path, entry.name));
  }
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; ; attempt += 1) {
    try {
      rmdirSync(path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      if (attempt === 100) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}
