import { commandLimitsSchema, limitsSchema } from '@bullpen/profiles';
import { z } from 'zod';
import { bytesSchema } from './bytes.ts';
import { fileTreeSchema } from './file-tree.ts';
import { jobIdSchema } from './job-id.ts';
import { layerNameSchema } from './layer.ts';
import { relativePathSchema } from './relative-path.ts';

/** Sizes that bound a job's message, so that no producer can fill Redis with one job. */
export const jobBounds = {
  commands: 64,
  argvStrings: 4096,
  argvBytes: 98_304,
  stdinBytes: 33_554_432,
  collect: 256,
  labels: 32,
  requires: 8,
  directories: 64,
  messageBytes: 67_108_864,
  resultTtlMs: 2_592_000_000,
} as const;

const noNul = (text: string): boolean => !text.includes('\0');
const isWellFormed = (text: string): boolean => text.isWellFormed();
const cString = z
  .string()
  .refine(noNul, 'must not contain a NUL character')
  .refine(isWellFormed, 'must be well-formed Unicode');

export const commandSchema = z.strictObject({
  argv: z.array(cString).min(1).max(jobBounds.argvStrings),
  stdin: bytesSchema.default(''),
  /** Added to the profile's environment; the same name overrides it. */
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be letters, digits and underscores, the first no digit'),
      cString,
    )
    .default({}),
  /** Overrides of the job's limits for this command alone. */
  limits: commandLimitsSchema.partial().default({}),
  /** When this command does not end with `exited` 0, the later ones are `skipped`. */
  stopOnFailure: z.boolean().default(true),
});

/** A job as a producer writes it; `resolveJob` fills defaults and checks it against the profile's ceilings. */
export const jobSchema = z.strictObject({
  /** Chosen by the producer to make submitting idempotent; a random one otherwise. */
  id: jobIdSchema.optional(),
  profile: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be lower-case letters, digits and dashes, at most 32'),
  files: fileTreeSchema.default([]),
  /** Directories of the work directory that are to be there, empty, besides those that the files need. */
  directories: z.array(relativePathSchema).max(jobBounds.directories).optional(),
  commands: z.array(commandSchema).min(1).max(jobBounds.commands),
  limits: limitsSchema.partial().default({}),
  /** Files of the work directory to return after the last command. */
  collect: z.array(relativePathSchema).max(jobBounds.collect).default([]),
  /** Layers that the jail must have, by its own measure. A worker whose jails lack one hands the job over to another. */
  requires: z.array(layerNameSchema).max(jobBounds.requires).optional(),
  /**
   * Lets the result of an earlier equal job stand in for a run, and this one's for later ones; only outcomes that do not hang on chance of ours
   * are kept. Jobs of different scopes never share.
   */
  cache: z
    .strictObject({ scope: z.string().max(128).refine(noNul, 'must not contain a NUL character').default('') })
    .optional(),
  labels: z.record(z.string().max(64), z.string().max(256)).default({}),
  priority: z.enum(['interactive', 'batch']).default('interactive'),
  /** How often Bullpen tries the job when its own parts fail; a program's failure is never tried again. */
  attempts: z.int().min(1).max(20).default(3),
  /** How long its result is kept, in milliseconds, where that is less than workers keep results anyway. */
  resultTtlMs: z.int().min(1000).max(jobBounds.resultTtlMs).optional(),
  /** A job still waiting at this time is failed with `expired`. */
  expiresAt: z.iso.datetime('must be a UTC time such as 2030-01-31T12:00:00Z').optional(),
});

export type Job = z.output<typeof jobSchema>;
export type JobInput = z.input<typeof jobSchema>;
export type Command = z.output<typeof commandSchema>;
