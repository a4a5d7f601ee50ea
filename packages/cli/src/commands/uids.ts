import { Argument, type Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addUids(program: Command, finish: Finish): Command {
  return program
    .command('uids')
    .summary('propose users for the slots of workers on this host')
    .addArgument(new Argument('<action>', 'what to do').choices(['pick']))
    .description(
      'pick: prints the first of a random range of UIDs that no account, group or process has and no worker of this host has locked. For BULLPEN_SLOT_UID_BASE.',
    )
    .option('--count <n>', 'how many in a row: the slots of the worker (default: the number of cores)')
    .option('--json', 'print JSON')
    .action(async (_action: 'pick', options) => {
      const { pickUids } = await import('../actions/pick-uids.ts');
      finish(await pickUids(options));
    });
}
