import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { startWith, type TestJailer } from './start.ts';
import { binary, firstUid, makeTableFiles } from './table.ts';

/** Starts the jailer by other words, such as those of `setpriv`; both end with the test. */
export async function startBy(
  launcher: string,
  lines?: (own: readonly string[]) => readonly string[],
  leaveOut: readonly string[] = [],
): Promise<TestJailer> {
  const files = makeTableFiles(1);
  const folder = mkdtempSync('/run/bullpen-launcher-');
  chmodSync(folder, 0o755);
  const program = join(folder, 'jailer');
  writeFileSync(program, `#!/bin/sh\n${launcher} ${binary}${leaveOut.length > 0 ? '-sabotage' : ''} "$@"\n`, {
    mode: 0o755,
  });
  const jailer = await startWith({
    files: { ...files, write: (own) => handOver(files.write(own), launcher) },
    lines: lines?.(files.lines) ?? files.lines,
    slots: 1,
    program,
    leaveOut,
  });
  onTestFinished(async () => {
    await jailer.close();
    files.remove();
    rmSync(folder, { recursive: true });
  });
  return jailer;
}

const user = firstUid + 8;

/** An unprivileged jailer wants a table and a run directory of its own user. */
function handOver(table: string, launcher: string): string {
  if (!launcher.includes(asOrdinaryUser)) return table;
  for (const path of [table, dirname(table), join(dirname(table), 'run')]) chownSync(path, user, user);
  return table;
}

/** Words that start a program as an ordinary user. */
export const asOrdinaryUser = `exec setpriv --reuid ${user} --regid ${user} --clear-groups`;

/** Starts the jailer as an ordinary user, with a user namespace for its slot. */
export function startOrdinary(
  before = '',
  change = (lines: readonly string[]): readonly string[] => lines,
  leaveOut: readonly string[] = [],
): Promise<TestJailer> {
  const lines = (own: readonly string[]): readonly string[] =>
    change([...own.slice(0, 2), 'mode userns', ...own.slice(3).filter((line) => !line.startsWith('cgroup'))]);
  return startBy(`${before}${asOrdinaryUser}`, lines, leaveOut);
}
