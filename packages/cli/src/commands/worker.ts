import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addWorker(program: Command, finish: Finish): Command {
  return program
    .command('worker')
    .summary('one worker of a fleet, in the foreground')
    .description(
      'Runs one worker until Ctrl-C or SIGTERM. Its other settings are BULLPEN_... variables of the environment.',
    )
    .option('--redis <url>', "the fleet's Redis (default: BULLPEN_REDIS, REDIS_URL, else what `up` started)")
    .option('--slots <n>', 'jobs at a time (default: BULLPEN_SLOTS, or the number of cores)')
    .option('--profiles <file>', 'file with more profiles: JSON, or TypeScript that exports them')
    .action(async (options) => {
      const { runWorker } = await import('../actions/run-worker.ts');
      finish(await runWorker(options));
    });
}
