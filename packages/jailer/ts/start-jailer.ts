import { createInterface } from 'node:readline';
import { KeeperSlot } from './jail-slot.ts';
import { JailerError } from './jailer-error.ts';
import { type JailerProcess, spawnJailer } from './spawn-jailer.ts';
import type { Jailer } from './types.ts';

export interface StartJailerOptions {
  /** Path of the program `bullpen-jailer`. */
  readonly binary: string;
  /** The table, see docs/jailer.md. */
  readonly tableFile: string;
  /** Number of slots in the table, at least 1. */
  readonly slots: number;
  /** Gets each line that the jailer writes for people. */
  readonly onDiagnostic: (line: string) => void;
  /** Steps that the test build of the jailer leaves out; the real one refuses them. */
  readonly leaveOut?: readonly string[];
}

/** How long all keepers together may take to say HELLO, in milliseconds. */
const startDeadlineMs = 15_000;
/** How the jailer ends when another one holds a UID of its table. */
const uidTaken = 'it exited with 3';
/** How long the jailer may take to end everything, in milliseconds. */
const stopDeadlineMs = 15_000;

/**
 * Starts the jailer and waits for the keeper of each slot. Needs the privileges that the table's mode asks for.
 * Rejects with a JailerError of step `start` (`uid-lock` when another jailer of the host holds a slot's UID) whose sentence carries the jailer's own last line when it does not come up.
 */
export async function startJailer(options: StartJailerOptions): Promise<Jailer> {
  const leaveOut = (options.leaveOut ?? []).flatMap((step) => ['--leave-out', step]);
  const process = spawnJailer({
    binary: options.binary,
    arguments: [...leaveOut, '--table', options.tableFile],
    sockets: options.slots,
  });
  if (process.sockets.length < options.slots) throw startError(await process.ended, '');
  const lastLine = readDiagnostics(process, options.onDiagnostic);
  const ended = process.ended.then(() => {});
  const slots = process.sockets.map(
    (socket, index) => new KeeperSlot(socket, index, (keeper) => process.wish(`replace ${index} ${keeper}`)),
  );
  readNews(process, slots);
  const close = closeOnce(process, ended);
  try {
    const hellos = Promise.all(slots.map((slot) => slot.waitForKeeper(startDeadlineMs)));
    await Promise.race([hellos, failEarly(process, lastLine)]);
  } catch (error) {
    const endedByItself = slots.some((slot) => slot.hasEnded);
    await close();
    if (endedByItself) throw startError(await process.ended, lastLine());
    throw error instanceof JailerError && error.step === 'keeper' ? startError(error.detail, lastLine()) : error;
  }
  return { version: slots[0]?.version ?? '', slots, ended, close };
}

/** Passes the jailer's lines on; the returned function tells the last one. */
function readDiagnostics(process: JailerProcess, onDiagnostic: (line: string) => void): () => string {
  let last = '';
  createInterface({ input: process.stderr }).on('line', (line) => {
    last = line;
    onDiagnostic(line);
  });
  return () => last;
}

/** The master announces each keeper but the first of a slot: `keeper SLOT NONCE`. */
function readNews(process: JailerProcess, slots: readonly KeeperSlot[]): void {
  createInterface({ input: process.news }).on('line', (line) => {
    const [, slot, nonce] = /^keeper (\d+) ([0-9a-f]{32})$/.exec(line) ?? [];
    if (nonce !== undefined) slots[Number(slot)]?.announced(Buffer.from(nonce, 'hex'));
  });
}

async function failEarly(process: JailerProcess, lastLine: () => string): Promise<never> {
  throw startError(await process.ended, lastLine());
}

function startError(how: string, line: string): JailerError {
  const step = how === uidTaken ? 'uid-lock' : 'start';
  return new JailerError({ step, errno: 0, detail: line === '' ? how : `${how} and said: ${line}` });
}

function closeOnce(process: JailerProcess, ended: Promise<void>): () => Promise<void> {
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const error = new JailerError({ step: 'stop', errno: 0, detail: `it did not end within ${stopDeadlineMs} ms` });
    const timer = setTimeout(() => reject(error), stopDeadlineMs);
    process.letGo();
    for (const socket of process.sockets) socket.destroy();
    try {
      await Promise.race([ended, late]);
    } finally {
      clearTimeout(timer);
    }
  };
  return () => (closing ??= close());
}
