import { CommanderError } from 'commander';
import { exitCodes } from './exit-code.ts';
import { printJson } from './output/write-all.ts';
import { createProgram } from './program.ts';

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
    // Help and version end this way.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.success;
    // It knows the errors of all packages, which take longer to load than the rest of most commands.
    const { describeFailure, explainFailure } = await import('./explain-failure.ts');
    const failed = explainFailure(error);
    if (wantsJson(args)) await printJson({ error: describeFailure(error) });
    return failed;
  }
}

/** Asked of the words themselves: a command line that could not be parsed has errors as well. What follows "--" is the program's. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const ours = end < 0 ? args : args.slice(0, end);
  return jobCommands.includes(ours[0] ?? '') && ours.includes('--json');
}
