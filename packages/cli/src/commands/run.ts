import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import { addJobOptions } from './job-options.ts';

export function addRun(program: Command, finish: Finish): Command {
  const command = program
    .command('run')
    .summary('run a program in a jail and print what it prints')
    .description(
      'Runs FILE in a jail and prints its output; the exit code is its own. The profile is chosen by the extension. Options of the program itself follow "--".',
    )
    .argument('<file>', 'the program')
    .argument('[args...]', 'arguments of the program')
    .option('--redis <url>', 'use this Redis instead of a private one')
    .option('--json', 'print the whole result as JSON');
  return addJobOptions(command)
    .addHelpText(
      'after',
      "\nExit codes: the program's own; 128+N for signal N; 124 over a time limit; 137 over memory or output;\n125 when it could not be started or Bullpen failed; 130 cancelled; 2 for a wrong command line.",
    )
    .action(async (file: string, args: string[], options) => {
      const { runFile } = await import('../actions/run-file.ts');
      finish(await runFile(file, args, options));
    });
}
