import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addDemo(program: Command, finish: Finish): Command {
  return program
    .command('demo')
    .summary('run 200 sample submissions, hostile ones among them, through two workers')
    .description(
      'Runs sample submissions (good, wrong and hostile) through a fleet of two workers and compares every outcome with its expectation. Exits 1 when one differs.',
    )
    .option('--jobs <n>', 'how many submissions', '200')
    .option('--redis <url>', 'use this Redis instead of a private one')
    .option('--json', 'print the table as JSON')
    .action(async (options) => {
      const { runDemo } = await import('../actions/run-demo.ts');
      finish(await runDemo(options));
    });
}
