import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addUp(program: Command, finish: Finish): Command {
  return program
    .command('up')
    .summary('a Redis and a worker in the foreground, until Ctrl-C')
    .description(
      'Starts a private Redis and a worker and runs until Ctrl-C. `submit` and `result` find them by themselves.',
    )
    .option('--slots <n>', 'jobs at a time (default: BULLPEN_SLOTS, or the number of cores)')
    .option('--redis <url>', 'use this Redis instead of a private one')
    .option('--profiles <file>', 'file with more profiles: JSON, or TypeScript that exports them')
    .option(
      '--http <port>',
      'serve the HTTP API on this port of the loopback interface, without keys (0: any free port)',
    )
    .option('--json', 'print where the fleet is as one line of JSON')
    .action(async (options) => {
      const { runUp } = await import('../actions/run-up.ts');
      finish(await runUp(options));
    });
}
