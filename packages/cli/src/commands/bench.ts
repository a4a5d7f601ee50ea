import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addBench(program: Command, finish: Finish): Command {
  return program
    .command('bench')
    .summary('measure jails or the queue on this machine')
    .argument('<what>', 'jail or queue')
    .argument('[args...]', 'options of the benchmark, after "--"')
    .action(async (what: string, args: string[]) => {
      const { runBench } = await import('../actions/run-bench.ts');
      finish(await runBench(what, args));
    });
}
