import type { Command } from 'commander';
import type { Finish } from '../finish.ts';
import { addJobOptions } from './job-options.ts';

export function addSubmit(program: Command, finish: Finish): Command {
  const command = program
    .command('submit')
    .summary('put a job into the queue and print its id')
    .description('Submits FILE as `run` would, or a whole job written as JSON, and prints its id.')
    .argument('[file]', 'the program')
    .argument('[args...]', 'arguments of the program')
    .option('--job <jsonfile>', 'a job as JSON instead of FILE; - is standard input')
    .option('--cache', 'let the result of an earlier equal job stand in for a run')
    .option('--wait', 'wait for the result and print it as `result` does')
    .option('--follow', 'print what the program writes while it runs, then end as with --wait')
    .option('--redis <url>', "the fleet's Redis (default: REDIS_URL, else what `up` started)")
    .option('--json', 'print JSON');
  return addJobOptions(command).action(async (file: string | undefined, args: string[], options) => {
    const { submitJob } = await import('../actions/submit-job.ts');
    finish(await submitJob(file, args, options));
  });
}
