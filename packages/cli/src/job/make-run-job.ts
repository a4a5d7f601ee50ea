import { basename } from 'node:path';
import { type AskedLimits, type Catalog, type CommandLimits, type Profile, renderRecipe } from '@bullpen/profiles';
import { checkJob, type JobInput, parseJob } from '@bullpen/protocol';
import { type LimitsAsked, parseLimit } from '../parse/parse-limit.ts';
import { parseDuration } from '../parse/parse-duration.ts';
import { parseLayer } from '../parse/parse-layer.ts';
import { parseFileOption } from '../parse/parse-file-option.ts';
import { parseSize } from '../parse/parse-size.ts';
import { UsageError } from '../usage-error.ts';
import { readFileBytes, readStdinOption } from './read-bytes.ts';

/** What says how FILE becomes a job; shared by `run` and `submit`. */
export interface JobOptions {
  readonly profile?: string;
  readonly stdin?: string;
  readonly file?: readonly string[];
  readonly timeout?: string;
  readonly memory?: string;
  readonly limit?: readonly string[];
  readonly require?: readonly string[];
}

/**
 * The job that runs FILE the way of its profile. Rejects with a UsageError for a file that cannot be read, an extension that no profile claims
 * and options of a wrong shape, a BullpenError for a job that cannot be right (a limit above its ceiling, say).
 */
export async function makeRunJob(
  path: string,
  args: readonly string[],
  options: JobOptions,
  catalog: Catalog,
): Promise<JobInput> {
  if (path === '') throw new UsageError('FILE is an empty name: name the program to run.');
  const content = readFileBytes(path, 'FILE');
  const profile = chooseProfile(path, options.profile, catalog);
  const entry = basename(path);
  const limits = gatherLimits(options);
  const files = [
    { path: entry, content },
    ...(options.file ?? []).map(parseFileOption).map((file) => ({
      path: file.path,
      content: readFileBytes(file.source, '--file'),
    })),
  ];
  const stdin = options.stdin === undefined ? '' : await readStdinOption(options.stdin);
  const { ofJail, ofProgram } = splitLimits(limits);
  const commands = renderCommands(profile, { entry, args: [...args], stdin }, ofProgram);
  const requires = (options.require ?? []).map(parseLayer);
  const job = { profile: profile.name, files, commands, limits: ofJail, ...(requires.length > 0 && { requires }) };
  // The client and the worker check it again; here it costs nothing to hear of a mistake before anything is started.
  checkJob(parseJob(job), catalog);
  return job;
}

function chooseProfile(path: string, name: string | undefined, catalog: Catalog): Profile {
  const names = catalog.profiles.map((profile) => profile.name).join(', ');
  if (name !== undefined) {
    const named = catalog.get(name);
    if (named === undefined) throw new UsageError(`--profile is ${JSON.stringify(name)}: the profiles are ${names}.`);
    return named;
  }
  const claimed = catalog.forFile(path);
  if (claimed === null) {
    throw new UsageError(`No profile claims the extension of ${basename(path)}: choose one with --profile (${names}).`);
  }
  return claimed;
}

function gatherLimits(options: JobOptions): LimitsAsked {
  return Object.assign(
    {},
    options.timeout === undefined ? {} : { wallTimeMs: parseDuration(options.timeout, '--timeout', 's') },
    options.memory === undefined ? {} : { memoryBytes: parseSize(options.memory, '--memory') },
    ...(options.limit ?? []).map(parseLimit),
  ) as LimitsAsked;
}

/** The jail's own limits are those of the whole job; the others are the program's alone: its compiler keeps what the profile gives it. */
function splitLimits({ diskBytes, diskFiles, ...ofProgram }: LimitsAsked): {
  ofJail: LimitsAsked;
  ofProgram: AskedLimits<CommandLimits>;
} {
  return {
    ofJail: { ...(diskBytes === undefined ? {} : { diskBytes }), ...(diskFiles === undefined ? {} : { diskFiles }) },
    ofProgram,
  };
}

/** The program is what the recipe runs last. */
function renderCommands(
  profile: Profile,
  input: { entry: string; args: string[]; stdin: string | { base64: string } },
  limits: AskedLimits<CommandLimits>,
): JobInput['commands'] {
  const { memoryBytes } = limits;
  try {
    const commands = renderRecipe(profile, memoryBytes === undefined ? input : { ...input, memoryBytes });
    return commands.map((command, index) =>
      index === commands.length - 1 ? { ...command, limits: { ...command.limits, ...limits } } : command,
    );
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}.`, { cause });
  }
}
