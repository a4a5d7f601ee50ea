import { Argument, type Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addApparmor(program: Command, finish: Finish): Command {
  return program
    .command('apparmor')
    .summary("load, show or unload the profiles' AppArmor rules on this host")
    .addArgument(new Argument('<action>', 'what to do').choices(['load', 'status', 'unload']))
    .description(
      'load: compiles the rules and puts them into the kernel. status: exits with 1 unless all are enforced. unload: removes those that no process runs under.',
    )
    .option('--profiles <file>', 'file with more profiles: JSON, or TypeScript that exports them')
    .option('--worker-label <label>', 'AppArmor label of confined workers (default: bullpen-worker)')
    .option('--json', 'print JSON')
    .action(async (action: 'load' | 'status' | 'unload', options) => {
      const { runApparmor } = await import('../actions/run-apparmor.ts');
      finish(await runApparmor(action, options));
    });
}
