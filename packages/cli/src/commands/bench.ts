import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addBench(program: Command, finish: Finish): Command {
  return program
    .command('bench')
    .summary('measure jails, the queue or the HTTP doors on this machine')
    .argument('<what>', 'jail, queue or doors')
    .option('--quick', 'fewer rounds: less than 20 seconds, for a look')
    .option('--json', 'print all numbers as JSON')
    .action(async (what: string, options: { readonly quick?: boolean; readonly json?: boolean }) => {
      const { runBench } = await import('../actions/run-bench.ts');
      const args = [...(options.quick === true ? ['--quick'] : []), ...(options.json === true ? ['--json'] : [])];
      finish(await runBench(what, args));
    });
}
