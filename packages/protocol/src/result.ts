import { z } from 'zod';
import { doubtfulSchema } from './doubt.ts';
import { jobDigestSchema } from './job-digest.ts';
import { outcomeSchema } from './outcome.ts';

/** What a program wrote to one stream: `utf8` when it is the UTF-8 of a text that JSON does not blow up, else `base64`. */
export const outputSchema = z.strictObject({
  encoding: z.enum(['utf8', 'base64']),
  data: z.string(),
  bytesKept: z.int().min(0),
  bytesSeen: z.int().min(0),
  truncated: z.boolean(),
});

export const usageSchema = z.strictObject({
  wallTimeMs: z.number().min(0),
  cpuTimeMs: z.number().min(0),
  userTimeMs: z.number().min(0),
  systemTimeMs: z.number().min(0),
  /** Peak memory charged to the jail's cgroup; the largest process's resident set where there is no cgroup. */
  peakMemoryBytes: z.int().min(0),
  diskBytes: z.int().min(0),
  diskFiles: z.int().min(0),
});

/** Facts beside the outcome: the program saw an error of the kernel and may have carried on. */
export const pressureSchema = z.strictObject({
  processesRefused: z.int().min(0),
  diskFull: z.boolean(),
  oomKills: z.int().min(0),
});

export const commandReportSchema = z.strictObject({
  outcome: outcomeSchema,
  stdout: outputSchema,
  stderr: outputSchema,
  usage: usageSchema,
  pressure: pressureSchema,
});

/** Why a file named in `collect` is not among the outputs. */
export const refusalReasons = [
  'missing',
  'not-a-regular-file',
  'has-other-links',
  'outside-the-work-directory',
  'too-large',
  'unreadable',
] as const;

export const collectedFileSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('collected'),
    path: z.string(),
    /** Permission bits; setuid, setgid and sticky are never passed on. */
    mode: z.int().min(0).max(0o777),
    encoding: z.enum(['utf8', 'base64']),
    data: z.string(),
    bytes: z.int(),
  }),
  z.strictObject({ state: z.literal('refused'), path: z.string(), reason: z.enum(refusalReasons) }),
]);

/** One mechanism of confinement, as measured in the jail that ran the job. */
export const layerSchema = z.strictObject({ name: z.string(), detail: z.string() });

/** What confined the job: proof for people who ask later. */
export const receiptSchema = z.strictObject({
  layers: z.array(layerSchema),
  profile: z.strictObject({ name: z.string(), version: z.int(), digest: z.string() }),
  toolchain: z.string(),
  jailer: z.string(),
  kernel: z.string(),
  worker: z.string(),
  slot: z.int(),
  uid: z.int(),
  /** When the slot last passed every probe before the job: milliseconds since the epoch. */
  provenAt: z.number(),
  /** There when no program ran for this job: the job that did run, and when it ended in milliseconds since the epoch. The rest is that run's. */
  cached: z.strictObject({ jobId: z.string(), finishedAt: z.number() }).optional(),
});

export const resultSchema = z.strictObject({
  jobId: z.string(),
  profile: z.string(),
  /** `cancelled` when the producer cancelled it; its commands then say how far it came. */
  state: z.enum(['finished', 'cancelled']),
  commands: z.array(commandReportSchema),
  files: z.array(collectedFileSchema),
  labels: z.record(z.string(), z.string()),
  /** Null when the job was cancelled before a worker took it. */
  receipt: receiptSchema.nullable(),
  attempt: z.int().min(0),
  /** `jobDigest` of the job when its producer chose the id: tells whether an id was used for another job. */
  digest: jobDigestSchema.optional(),
  /** Milliseconds since the epoch. */
  submittedAt: z.number(),
  startedAt: z.number().nullable(),
  finishedAt: z.number(),
  /** There when a probe of the worker failed after the result was published: told by the reader, never stored with the result. */
  doubtful: doubtfulSchema.optional(),
});

export type Output = z.infer<typeof outputSchema>;
export type Usage = z.infer<typeof usageSchema>;
export type CommandReport = z.infer<typeof commandReportSchema>;
export type CollectedFile = z.infer<typeof collectedFileSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
export type Layer = z.infer<typeof layerSchema>;
export type Result = z.infer<typeof resultSchema>;
