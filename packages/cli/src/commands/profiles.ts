import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addProfiles(program: Command, finish: Finish): Command {
  return program
    .command('profiles')
    .summary('list the profiles, and which of them this machine can run')
    .option('--profiles <file>', 'file with more profiles: JSON, or TypeScript that exports them')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { listProfiles } = await import('../actions/list-profiles.ts');
      finish(await listProfiles(options));
    });
}
