import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { execa } from 'execa';

const main = join(import.meta.dirname, '../../src/main.ts');

export interface CliRun {
  readonly exitCode: number | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  readonly elapsedMs: number;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A running command line, for tests that send it signals. */
export function startCli(args: readonly string[], options: CliOptions = {}) {
  return execa(process.execPath, ['--conditions=@bullpen/source', main, ...args], {
    env: { REDIS_URL: '', ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.stdin === undefined ? { stdin: 'ignore' as const } : { input: options.stdin }),
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    maxBuffer: 50_000_000,
  });
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const startedAt = performance.now();
  const { exitCode, stdout, stderr } = await startCli(args, options);
  return { exitCode, stdout, stderr: textOf(stderr), elapsedMs: performance.now() - startedAt };
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
