import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addTest(program: Command, finish: Finish): Command {
  return program
    .command('test')
    .summary('run every test: checks, C, unit, integration, whole system')
    .description('Runs everything that continuous integration runs. The last line is "N passed, N failed".')
    .option('--only <part>', 'one part, such as check, unit, integration, system or classic')
    .option('--vm', 'the suites of confinement in a virtual machine whose kernel has AppArmor and cgroup v2 (as root)')
    .action(async (options) => {
      const { runTests } = await import('../actions/run-tests.ts');
      finish(await runTests(options));
    });
}
