import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addResult(program: Command, finish: Finish): Command {
  return program
    .command('result')
    .summary('print the result of a job')
    .description('Waits for the result of a job and prints what the program printed; the exit code is that of `run`.')
    .argument('<id>', 'the id that `submit` printed')
    .option(
      '--timeout <duration>',
      'how long to wait for the result (default: 30s, with --follow for ever; a plain number is seconds)',
    )
    .option('--follow', 'print what the programs write while they run')
    .option('--redis <url>', "the fleet's Redis (default: REDIS_URL, else what `up` started)")
    .option('--json', 'print the whole result as JSON')
    .action(async (id: string, options) => {
      const { printResultOf } = await import('../actions/print-result-of.ts');
      finish(await printResultOf(id, options));
    });
}
