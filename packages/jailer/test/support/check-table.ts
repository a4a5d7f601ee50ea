import { execa } from 'execa';
import { binary } from './table.ts';

export interface ProgramAnswer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the jailer's program to its end. */
export async function runJailer(...words: string[]): Promise<ProgramAnswer> {
  const { exitCode, stdout, stderr } = await execa(binary, words, { reject: false, stdin: 'ignore', timeout: 10_000 });
  return { exitCode, stdout, stderr };
}
