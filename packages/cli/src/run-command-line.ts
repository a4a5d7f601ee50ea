import { CommanderError } from 'commander';
import { BullpenError } from '@bullpen/protocol';
import { exitCodeOfError, exitCodes } from './exit-code.ts';
import { say } from './output/write-all.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

/** Runs one command line to its end and returns the exit code. Every failure becomes one sentence on stderr. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.success;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explainFailure(error);
  }
}

function explainFailure(error: unknown): number {
  // Commander has said its sentence already; help and version end this way too, with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
  say(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof BullpenError) return exitCodeOfError(error.code);
  return exitCodes.fault;
}
