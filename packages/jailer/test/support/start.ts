import { onTestFinished } from 'vitest';
import { startJailer } from '../../ts/start-jailer.ts';
import type { Jail, JailCommand, Jailer, JailReport, JailRequest, JailSlot } from '../../ts/types.ts';
import { binary, makeTableFiles, type TableFiles } from './table.ts';

export const limits = {
  wallTimeMs: 10_000,
  cpuTimeMs: 10_000,
  memoryBytes: 268_435_456,
  addressSpaceBytes: null,
  processes: 32,
  fileSizeBytes: 33_554_432,
  openFiles: 64,
  stackBytes: 8_388_608,
  outputBytes: 1_048_576,
};

export const request = (change: Partial<JailRequest> = {}): JailRequest => ({
  profileNumber: 0,
  diskBytes: 33_554_432,
  diskFiles: 1000,
  files: [],
  ...change,
});

/** A command of a shell. */
export const shell = (
  script: string,
  change: Omit<Partial<JailCommand>, 'limits'> & { limits?: Partial<JailCommand['limits']> } = {},
): JailCommand => ({
  argv: ['bash', '-c', script],
  env: ['PATH=/usr/bin', 'HOME=/work'],
  stdin: new Uint8Array(),
  ...change,
  limits: { ...limits, ...change.limits },
});

export const text = (report: JailReport): string => Buffer.from(report.stdout.bytes).toString();

export interface TestJailer extends Jailer {
  readonly files: TableFiles;
  readonly diagnostics: string[];
}

/** Starts the real jailer; the caller closes it and removes its files. */
export async function startTestJailer(slots = 1): Promise<TestJailer> {
  const files = makeTableFiles(slots);
  return startWith({ files, lines: files.lines, slots, program: binary, leaveOut: [] });
}

/** What a test jailer is started with: any table, the program or its test build, and the steps that the latter leaves out. */
export interface StartOptions {
  readonly files: TableFiles;
  readonly lines: readonly string[];
  readonly slots: number;
  readonly program: string;
  readonly leaveOut: readonly string[];
}

export async function startWith({ files, lines, slots, program, leaveOut }: StartOptions): Promise<TestJailer> {
  const diagnostics: string[] = [];
  const tableFile = files.write(lines);
  const onDiagnostic = (line: string): void => void diagnostics.push(line);
  return { ...(await startJailer({ binary: program, tableFile, slots, leaveOut, onDiagnostic })), files, diagnostics };
}

/** Opens a jail of a slot that is closed at the end of the test. */
export async function openJail(jailer: Jailer, change: Partial<JailRequest> = {}, slot = 0): Promise<Jail> {
  const jail = await slotOf(jailer, slot).open(request(change));
  onTestFinished(() => jail.close().catch(() => {}));
  return jail;
}

export function slotOf(jailer: Jailer, index = 0): JailSlot {
  const slot = jailer.slots.at(index);
  if (slot === undefined) throw new Error(`The jailer has no slot ${index}.`);
  return slot;
}
