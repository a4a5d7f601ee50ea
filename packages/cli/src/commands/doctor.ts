import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addDoctor(program: Command, finish: Finish): Command {
  return program
    .command('doctor')
    .summary('say which layers of confinement this machine has, and which a real jail has')
    .description(
      'Asks the jailer what the kernel offers and runs one job to read its confinement receipt. Exits 1 when a required layer is not active.',
    )
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { runDoctor } = await import('../actions/run-doctor.ts');
      finish(await runDoctor(options));
    });
}
