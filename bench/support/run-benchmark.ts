import { type Closers, createClosers } from '../../packages/worker/src/closers.ts';
import { type BenchOptions, parseBenchOptions } from './bench-options.ts';

/** What a benchmark gets: its options, and where it registers the undo of all that it acquires. */
export interface BenchContext extends BenchOptions {
  readonly closers: Closers;
}

/** Runs a benchmark, undoes what it acquired however it ends, and sets the exit code: 0, 1 for a failure, 2 for wrong options, 130 for Ctrl-C. */
export async function runBenchmark(measure: (context: BenchContext) => Promise<void>): Promise<void> {
  const options = readOptions();
  if (options === null) return;
  const closers = createClosers();
  process.once('SIGINT', () => void closers.close().finally(() => process.exit(130)));
  try {
    await measure({ ...options, closers });
  } catch (error) {
    complain(error, 1);
  } finally {
    await closers.close().catch((error: unknown) => complain(error, 1));
  }
}

function readOptions(): BenchOptions | null {
  try {
    return parseBenchOptions(process.argv.slice(2));
  } catch (error) {
    complain(error, 2);
    return null;
  }
}

function complain(error: unknown, exitCode: number): void {
  process.stderr.write(`bullpen bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCode;
}

/** Progress for people, on standard error. */
export function sayProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
