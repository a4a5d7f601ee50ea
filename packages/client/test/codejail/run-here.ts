import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobToSubmit } from '../../src/job-to-submit.ts';

/** What a job of `makeSafeExecJob` leaves when its program runs without a jail. */
export interface RunHere {
  /** Exit code, or null when a signal ended it. */
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** The file that the job collects, or null. */
  readonly answer: string | null;
}

export interface RunHereOptions {
  /** Put before the runner. */
  readonly prelude?: string;
  /** The host's unless said. */
  readonly python?: string;
}

/** Runs such a job without a jail, in a directory of its own. */
export async function runHere(
  job: JobToSubmit,
  { prelude = '', python = '/usr/bin/python3' }: RunHereOptions,
): Promise<RunHere> {
  const directory = mkdtempSync(join(tmpdir(), 'bullpen-safe-exec-'));
  try {
    mkdirSync(join(directory, 'tmp'));
    const [runner] = job.files ?? [];
    const [command] = job.commands;
    if (typeof runner?.content !== 'string' || typeof command?.stdin !== 'string') throw new Error('No such job.');
    writeFileSync(join(directory, runner.path), `${prelude}${runner.content}`);
    const ended = await runPython([python, ...command.argv.slice(1)], command.stdin, directory);
    return { ...ended, answer: readIfThere(join(directory, job.collect?.[0] ?? '')) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function runPython(
  [program = '', ...args]: readonly string[],
  stdin: string,
  cwd: string,
): Promise<Omit<RunHere, 'answer'>> {
  const { promise, resolve, reject } = Promise.withResolvers<Omit<RunHere, 'answer'>>();
  const python = spawn(program, args, { cwd, env: { LANG: 'C.UTF-8', TMPDIR: 'tmp' } });
  let stderr = '';
  python.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  python.stdout.resume();
  python.on('error', reject).on('close', (status, signal) => resolve({ status, signal, stderr }));
  // One that has ended before this is written says so by its status.
  python.stdin.on('error', () => {});
  python.stdin.end(stdin);
  return promise;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null; // that it is not there is the answer
  }
}
