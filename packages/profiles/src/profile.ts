import { z } from 'zod';
import { commandLimitsSchema, limitsSchema } from './limits.ts';

const absolutePath = z.string().regex(/^\/[^\s\0]*$/, 'must be an absolute path without white space');

/** The directories that every jail makes itself, besides the work directory. */
export const ownDirectories: readonly string[] = ['/tmp', '/dev', '/proc'];

const workDirectorySchema = z
  .string()
  .regex(/^(\/[\w.+-]+)+$/, 'must be an absolute path of letters, digits, dots, dashes, plus signs or underscores')
  .max(96)
  .refine((path) => !path.split('/').some((name) => name === '.' || name === '..'), 'must have no "." or ".." in it')
  .refine(
    (path) => !ownDirectories.some((own) => path === own || path.startsWith(`${own}/`)),
    'must not lie in /tmp, /dev or /proc',
  );

const maskedPathSchema = z
  .string()
  .regex(/^(\/[\w.+-]+)*\/?$/, 'must be an absolute path of letters, digits, dots, dashes, plus signs or underscores')
  .refine(
    (path) => path !== '' && !path.split('/').some((name) => name === '.' || name === '..'),
    'must have no "." or ".." in it',
  );

/**
 * A path of the worker's host that the jail shows read-only.
 * `access: 'execute'` lets the program run and map the files below it; `'read'` only reads them.
 */
export const viewPathSchema = z.strictObject({
  /** `*` in a name stands for any text of that name; every path that matches is shown at its own place. */
  source: absolutePath,
  /** Where the jail shows it; the source's own path unless said. Not for a source with `*`. */
  target: absolutePath.optional(),
  access: z.enum(['read', 'execute']),
  /** A path that this host lacks is left out when true, and makes the profile unavailable otherwise. */
  optional: z.boolean().default(false),
});

/** Another name for something that the jail shows: a symbolic link. */
export const linkSchema = z.strictObject({
  /** Where it stands in the jail. */
  path: absolutePath,
  /** The file or directory that it leads to. The link is left out on a host that lacks it, or that has something of its own at `path` to show. */
  to: absolutePath,
});

/** How the worker finds the profile's program on its own host. */
export const toolchainSchema = z.strictObject({
  /** Name for people, for instance `Python`. */
  title: z.string(),
  /**
   * Absolute paths tried in order: the first that exists and is executable is the program. `{node}` stands for the worker's own Node,
   * `{home}` for the home directory of the worker's user, `*` for any text of one name (the last in the alphabet is tried first).
   */
  programs: z.array(z.string()).min(1),
  /** Arguments that make the program print its version, for `bullpen profiles` and the receipt. */
  versionArgs: z.array(z.string()).default(['--version']),
  /** Where the jail shows the toolchain when its program lies outside the view (below a home directory, say); its own place otherwise. */
  mountAt: absolutePath.optional(),
  /** Which directory above the program is the whole toolchain: 1 is the program's own directory, 2 the one above it. */
  mountLevels: z.int().min(1).max(4).default(1),
});

/**
 * One command of a recipe. `{entry}` is the entry file, `{stem}` its path without extension, `{memoryMiB}` the memory limit in MiB;
 * an argument that is `{args}` is replaced by all arguments of the caller.
 */
export const recipeCommandSchema = z.strictObject({
  argv: z.array(z.string()).min(1),
  /** Overrides of the profile's default limits for this command (a compiler needs other limits than its output). */
  limits: commandLimitsSchema.partial().optional(),
  /** Whether the caller's stdin goes to this command. */
  takesStdin: z.boolean().default(false),
  stopOnFailure: z.boolean().default(true),
});

export const confinementSchema = z.strictObject({
  /** May the program write in its work directory, /tmp and /dev/shm? */
  write: z.boolean(),
  /** May it execute files that lie there (a compiled program)? */
  executeWritten: z.boolean(),
  /** May it make sockets of the AF_UNIX family? No other family is ever allowed. */
  unixSockets: z.boolean(),
  /** May it create processes? Threads are counted by `limits.processes` either way. */
  fork: z.boolean(),
  /** May its processes start programs? The command's own is started in any case, and none after it when false. */
  exec: z.boolean().default(true),
});

export const profileSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes, at most 32'),
  version: z.int().min(1),
  summary: z.string().max(200),
  /** File extensions that `bullpen run` maps to this profile, with the dot. */
  extensions: z.array(z.string().regex(/^\.[a-z0-9+]+$/, 'must be a dot with small letters, digits or +')).default([]),
  toolchain: toolchainSchema,
  view: z.array(viewPathSchema),
  /** Where nothing can be mounted there are none. */
  links: z.array(linkSchema).max(24).default([]),
  /** Where the jail shows the work directory. Where nothing can be mounted it is a directory of the worker's host. */
  workDirectory: workDirectorySchema.default('/work'),
  /**
   * Paths that the jail has and holds closed: to open, list or enter one answers EACCES, where others answer ENOENT. One that ends in a slash
   * is a directory, of which what the profile shows below it stays within reach. Where nothing can be mounted the host's own paths are closed anyhow.
   */
  masked: z.array(maskedPathSchema).max(48).default([]),
  /** Environment of every command; a command may add to it. */
  env: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be letters, digits and underscores, the first no digit'),
    z.string().refine((text) => !text.includes('\0'), 'must not contain a NUL character'),
  ),
  recipe: z.array(recipeCommandSchema).min(1),
  defaults: limitsSchema,
  ceilings: limitsSchema,
  confinement: confinementSchema,
});

export type Profile = z.output<typeof profileSchema>;
export type ProfileInput = z.input<typeof profileSchema>;
export type ViewPath = z.output<typeof viewPathSchema>;
export type Confinement = z.infer<typeof confinementSchema>;
