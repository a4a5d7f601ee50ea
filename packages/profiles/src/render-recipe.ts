import { posix } from 'node:path';
import type { CommandLimits } from './limits.ts';
import type { Profile } from './profile.ts';

/** Text, or bytes in base64: what a job's stdin may be. */
export type RecipeStdin = string | { readonly base64: string };

/** What a profile's recipe is filled with. */
export interface RecipeInput {
  /** Path of the program's file in the work directory. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Given to the commands of the recipe that take it. */
  readonly stdin?: RecipeStdin;
  /** The memory limit that the job will have; the profile's default unless said. Some runtimes must be told. */
  readonly memoryBytes?: number;
}

/** A command of a job, as its producer writes it. */
export interface RecipeCommand {
  readonly argv: string[];
  readonly stdin: RecipeStdin;
  readonly limits: Partial<CommandLimits>;
  readonly stopOnFailure: boolean;
}

const MIB = 1_048_576;

/**
 * The commands that run `entry` the profile's way (compile and run, say), ready to be put into a job.
 * Throws a sentence when the entry's name cannot be given to a compiler or interpreter.
 */
export function renderRecipe(profile: Profile, input: RecipeInput): RecipeCommand[] {
  const { entry, args = [], stdin = '', memoryBytes } = input;
  checkEntry(profile, entry);
  const words: Record<string, string> = {
    entry,
    stem: stemOf(entry),
    memoryMiB: String(Math.floor((memoryBytes ?? profile.defaults.memoryBytes) / MIB)),
  };
  return profile.recipe.map((command) => ({
    argv: command.argv.flatMap((word) => (word === '{args}' ? args : [fillWords(word, words)])),
    stdin: command.takesStdin ? stdin : '',
    limits: withoutUndefined(command.limits ?? {}),
    stopOnFailure: command.stopOnFailure,
  }));
}

function checkEntry(profile: Profile, entry: string): void {
  if (entry === '') throw new Error('the entry must name a file, got an empty name');
  if (entry.startsWith('/') || entry.split('/').some((name) => name === '' || name === '.' || name === '..')) {
    throw new Error(`the entry must be a plain path below the work directory, got ${JSON.stringify(entry)}`);
  }
  // Both would be read as instructions: an option, and a file of options.
  if (/^[-@]/.test(entry))
    throw new Error(`the entry must not start with "-" or "@", got ${JSON.stringify(entry)}: rename the file`);
  const needsStem = profile.recipe.some(({ argv }) => argv.some((word) => word.includes('{stem}')));
  if (needsStem && stemOf(entry) === entry) {
    throw new Error(
      `the entry must have an extension for profile ${profile.name}, got ${JSON.stringify(entry)}: ` +
        `its compiled program would overwrite it`,
    );
  }
}

/** The path without the extension of its last name. */
function stemOf(entry: string): string {
  return entry.slice(0, entry.length - posix.extname(entry).length);
}

function fillWords(word: string, words: Record<string, string>): string {
  return word.replaceAll(/\{(\w+)\}/g, (written, name: string) => words[name] ?? written);
}

function withoutUndefined(limits: NonNullable<Profile['recipe'][number]['limits']>): Partial<CommandLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
