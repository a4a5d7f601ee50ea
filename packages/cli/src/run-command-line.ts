import { CommanderError } from 'commander';
import { BullpenError } from '@bullpen/protocol';
import { exitCodeOfError, exitCodes } from './exit-code.ts';
import { printJson, say } from './output/write-all.ts';
import { createProgram } from './program.ts';
import { UsageError } from './usage-error.ts';

/** Commands whose errors are data, too. */
const jobCommands = ['run', 'submit', 'result'];

/** Runs one command line to its end and returns the exit code. Every failure becomes one sentence on stderr, and JSON on stdout where a job was asked for with `--json`. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.success;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    const failed = explainFailure(error);
    if (failed !== exitCodes.success && wantsJson(args)) await printJson({ error: describeFailure(error) });
    return failed;
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

/** Asked of the words themselves: a command line that could not be parsed has errors as well. What follows "--" is the program's. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const ours = end < 0 ? args : args.slice(0, end);
  return jobCommands.includes(ours[0] ?? '') && ours.includes('--json');
}

function describeFailure(error: unknown): { readonly code: string; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommanderError) return { code: 'usage', message: message.replace(/^error: /, '') };
  if (error instanceof UsageError) return { code: 'usage', message };
  return { code: error instanceof BullpenError ? error.code : 'internal', message };
}
