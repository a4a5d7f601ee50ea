import type { Command } from 'commander';

const append = (value: string, previous: string[] = []): string[] => [...previous, value];

/** The options that say how a file becomes a job. */
export function addJobOptions(command: Command): Command {
  return command
    .option('--profile <name>', 'profile, instead of the one that claims the extension')
    .option('--profiles <file>', 'file with more profiles: JSON, or TypeScript that exports them')
    .option('--stdin <file>', 'file to give as standard input; - is our own')
    .option('--file <path=src>', 'another file for the work directory (repeatable)', append)
    .option('--timeout <duration>', 'wall-clock time, e.g. 500ms, 2s, 1m (a plain number is seconds)')
    .option('--memory <size>', 'memory of the whole process tree, e.g. 64M, 1G')
    .option('--limit <name=value>', 'any limit in the unit of its name, e.g. processes=8 (repeatable)', append)
    .option('--require <layer>', 'a layer that the jail must have, e.g. apparmor (repeatable)', append);
}
