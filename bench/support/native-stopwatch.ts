import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A native program that measures on request; see native/stopwatch.h. */
export interface NativeStopwatch {
  readonly pid: number;
  /** Measures `count` times; each measurement is a row of milliseconds. Rejects with the program's last words when it gives up. */
  measure(name: string, count: number): Promise<readonly (readonly number[])[]>;
  close(): Promise<void>;
}

export function startStopwatch(program: string, args: readonly string[]): NativeStopwatch {
  const child: ChildProcess = spawn(program, args, {
    env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error(`${program} has no pipes.`);
  const ended = once(child, 'close');
  ended.catch(() => {}); // `measure` tells of it
  stdin.on('error', () => {});
  const said: string[] = [];
  createInterface({ input: stderr }).on('line', (line) => said.push(line));
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async measure(name, count) {
      stdin.write(`${name} ${count}\n`);
      const rows: number[][] = [];
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`${program} ended while it measured: ${said.slice(-3).join(' | ')}`);
        if (value === '') return rows;
        rows.push(value.split(' ').map((nanoseconds) => Number(nanoseconds) / 1e6));
      }
    },
    async close() {
      stdin.end();
      await ended;
    },
  };
}
