import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addDoctor(program: Command, finish: Finish): Command {
  return program
    .command('doctor')
    .summary('say on which rung of confinement this machine stands, what would lift it, and what is wrong')
    .description(
      'Looks at the kernel, the host and the settings that a worker would get, and runs one job for its confinement receipt. Exits with 0 only when a worker starts here.',
    )
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { runDoctor } = await import('../actions/run-doctor.ts');
      finish(await runDoctor(options));
    });
}
