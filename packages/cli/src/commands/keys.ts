import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addKeys(program: Command, finish: Finish): Command {
  const keys = program.command('keys').summary('API keys of the gateway: add, list, revoke');
  const file = ['--keys <file>', 'the file of API keys (default: ~/.config/bullpen/http-keys.json)'] as const;
  keys
    .command('add')
    .description(
      'Makes an API key and prints it: once, since only its hash is kept. A running gateway takes it within a second.',
    )
    .argument('<name>', 'small letters, digits and dashes: also the first part of the ids of its jobs')
    .option('--scope <scope>', 'what it may do, repeatable (default: jobs:submit, jobs:read and jobs:cancel)', collect)
    .option('--profile <name>', 'a profile that its jobs may use, repeatable (default: all)', collect)
    .option('--priority <priority>', 'a priority that its jobs may have, repeatable (default: both)', collect)
    .option('--wall-time <duration>', 'the most that all commands of a job may have together')
    .option('--memory <size>', 'the most that a command may have')
    .option('--disk <size>', 'the most that a job may have')
    .option('--jobs <n>', 'jobs that have not ended, at a time')
    .option('--rate <n>', 'requests per second')
    .option('--burst <n>', 'requests that may come at once after a pause (default: the rate)')
    .option('--expires <time>', 'UTC time after which it is no longer valid, such as 2030-01-31T12:00:00Z')
    .option(...file)
    .option('--json', 'print JSON')
    .action(async (name: string, options) => {
      const { addKey } = await import('../actions/edit-keys.ts');
      finish(await addKey(name, options));
    });
  keys
    .command('list')
    .description('Lists the API keys, without what they are.')
    .option(...file)
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { listKeys } = await import('../actions/edit-keys.ts');
      finish(await listKeys(options));
    });
  keys
    .command('revoke')
    .description('Removes an API key. A running gateway refuses it within a second.')
    .argument('<name>', 'its name')
    .option(...file)
    .action(async (name: string, options) => {
      const { revokeKey } = await import('../actions/edit-keys.ts');
      finish(await revokeKey(name, options));
    });
  return keys;
}

function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
