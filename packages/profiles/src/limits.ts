import { z } from 'zod';

/** Limits of one command. Every number is a ceiling: the command may use up to and including it. */
export const commandLimitsSchema = z.strictObject({
  /** Wall-clock time of the command, in milliseconds. */
  wallTimeMs: z.int().min(1).max(3_600_000),
  /** CPU time (user + system) of the command's whole process tree, in milliseconds. */
  cpuTimeMs: z.int().min(1).max(3_600_000),
  /** Memory of the whole tree, files on the writable tmpfs included, in bytes. */
  memoryBytes: z.int().min(4_194_304).max(68_719_476_736),
  /** RLIMIT_AS of each process in bytes; null leaves the address space unlimited (runtimes that reserve large ranges need that). */
  addressSpaceBytes: z.int().min(16_777_216).max(1_099_511_627_776).nullable(),
  /** Processes and threads alive at once, the command's own first process included. */
  processes: z.int().min(1).max(4096),
  /** RLIMIT_FSIZE: size of any one file, in bytes. */
  fileSizeBytes: z.int().min(0).max(17_179_869_184),
  /** RLIMIT_NOFILE: open descriptors of one process. */
  openFiles: z.int().min(8).max(65_536),
  /** RLIMIT_STACK in bytes. */
  stackBytes: z.int().min(65_536).max(4_294_967_296),
  /** Bytes kept of stdout, and of stderr, each; a command that writes more is ended with `output-exceeded`. */
  outputBytes: z.int().min(0).max(268_435_456),
});

/** Limits of a job: those of its commands, and those of the jail that they share. */
export const limitsSchema = z.strictObject({
  ...commandLimitsSchema.shape,
  /** Bytes of all that is writable in the jail together (work directory, /tmp, /dev/shm). */
  diskBytes: z.int().min(65_536).max(17_179_869_184),
  /** Files, directories and links of all that is writable in the jail together. */
  diskFiles: z.int().min(16).max(1_000_000),
});

export type CommandLimits = z.infer<typeof commandLimitsSchema>;
export type Limits = z.infer<typeof limitsSchema>;
export type LimitName = keyof Limits;

/** In the order of their declaration, which is the order of every listing. */
export const commandLimitNames: readonly (keyof CommandLimits)[] = commandLimitsSchema.keyof().options;
export const limitNames: readonly LimitName[] = limitsSchema.keyof().options;
