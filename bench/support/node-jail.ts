import { fileURLToPath } from 'node:url';
import { type Jail, type JailCommand, type Jailer, type JailRequest, startJailer } from '@bullpen/jailer';
import type { Contestant } from './take-turns.ts';

export const jailerProgram = fileURLToPath(new URL('../../packages/jailer/build/bullpen-jailer', import.meta.url));

const request: JailRequest = { profileNumber: 0, diskBytes: 16_777_216, diskFiles: 1000, files: [] };

/** The same limits that native/keeper-client.c sends. */
const makeCommand = (program: string): JailCommand => ({
  argv: [program],
  env: [],
  stdin: new Uint8Array(),
  limits: {
    wallTimeMs: 10_000,
    cpuTimeMs: 10_000,
    memoryBytes: 268_435_456,
    addressSpaceBytes: null,
    processes: 32,
    fileSizeBytes: 16_777_216,
    openFiles: 64,
    stackBytes: 8_388_608,
    outputBytes: 65_536,
  },
});

export interface NodeJail {
  /** Milliseconds from `run` to its report, in one jail. */
  readonly run: Contestant['measure'];
  /** Milliseconds of open, run and close, one jail right after the other. */
  readonly cycle: Contestant['measure'];
  close(): Promise<void>;
}

/** The jailer as a worker uses it: from Node, through its TypeScript face. */
export async function startNodeJail(tableFile: string, program: string): Promise<NodeJail> {
  const command = makeCommand(program);
  const onDiagnostic = (line: string): void => void process.stderr.write(`${line}\n`);
  const jailer: Jailer = await startJailer({ binary: jailerProgram, tableFile, slots: 1, onDiagnostic });
  const [slot] = jailer.slots;
  if (slot === undefined) throw new Error('The jailer has no slot 0.');
  const run = async (jail: Jail): Promise<void> => {
    const { exitCode, startErrno } = await jail.run(command);
    if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode} (errno ${startErrno}) in the jail.`);
  };
  return {
    async run(count) {
      const jail = await slot.open(request);
      await run(jail);
      const rows: number[][] = [];
      for (let index = 0; index < count; index += 1) rows.push([await timeMs(() => run(jail))]);
      await jail.close();
      return rows;
    },
    async cycle(count) {
      const rows: number[][] = [];
      for (let index = 0; index < count; index += 1) {
        let jail: Jail | undefined;
        const open = await timeMs(async () => void (jail = await slot.open(request)));
        const ran = await timeMs(async () => jail && run(jail));
        rows.push([open, ran, await timeMs(async () => jail?.close())]);
      }
      return rows;
    },
    close: () => jailer.close(),
  };
}

/** Milliseconds until what `act` returns resolves. */
export async function timeMs(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}
