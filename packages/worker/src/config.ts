import { randomBytes } from 'node:crypto';
import { hostname, availableParallelism } from 'node:os';
import { defaultWorkerLabel } from '@bullpen/profiles';
import { readVariables, settingSentences, type VariableKind } from '@bullpen/protocol';
import { z } from 'zod';
import { defaultFloorText, floorSchema } from './probes/floor.ts';
import { egressTargetsSchema, podEgressTargets } from './probes/egress-target.ts';

/**
 * Where Redis is: a URL (`redis://`, `rediss://`), the path of a unix socket, the options of ioredis (standalone or Sentinel),
 * or the nodes of a Redis Cluster with its options.
 */
const redisTargetSchema = z.union([
  z.string().min(1),
  z.strictObject({
    cluster: z.array(z.union([z.string(), z.looseObject({})])).min(1),
    options: z.looseObject({}).default({}),
  }),
  z.looseObject({}),
]);

const highestUid = 2_147_483_647;
const uid = z.int().min(3000).max(highestUid);
const milliseconds = (smallest: number, largest: number) => z.int().min(smallest).max(largest);
const day = 86_400_000;

/** Every option of a worker, with its default and its bounds. Nothing else of Bullpen's worker reads the environment. */
export const workerConfigSchema = z.strictObject({
  redis: redisTargetSchema.default('redis://127.0.0.1:6379'),
  queue: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
    .default('bullpen'),
  /** Prefix of every Redis key. Braces make it a hash tag, which keeps all keys of the queue on one node of a Redis Cluster. */
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._{}-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes, underscores or braces')
    .default('{bullpen}'),
  /** Jobs at a time. */
  slots: z
    .int()
    .min(1)
    .max(256)
    .default(() => availableParallelism()),
  workerId: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, dashes or underscores')
    .default(
      () =>
        `${hostname()
          .replace(/[^A-Za-z0-9._-]/g, '-')
          .slice(0, 64)}-${process.pid}-${randomBytes(3).toString('hex')}`,
    ),
  /** Processors, or a part of one, that the programs of one slot get together: enforced by a cgroup. Null gives them all there are. */
  cpusPerSlot: z.number().min(0.01).max(1024).nullable().default(null),
  /** UID and GID of slot 0; the other slots follow. Null takes a random range that nothing on this host uses. */
  slotUidBase: uid.nullable().default(null),
  /** UID and GID that a worker started by root takes once its jailer runs. Null takes a random one that nothing on this host uses. */
  workerUid: uid.nullable().default(null),
  /**
   * How jails are made: with `namespaces`, by the `classic` means of a root without them, or `restricted` to what needs no privilege; `auto` takes the
   * first of these that this process's privileges allow.
   */
  jail: z.enum(['auto', 'namespaces', 'classic', 'restricted']).default('auto'),
  /**
   * Where classic and restricted jails have what their programs write: a filesystem of limited size, shared by the slots. Null takes the parent of
   * the run directory where that is one, else /dev/shm.
   */
  boxes: z.string().startsWith('/').max(96).nullable().default(null),
  /**
   * Where the jailers of this host lock their slots' UIDs; all containers of a host that share its UIDs must share the directory too. Null takes
   * /run/bullpen-uids for root, and /tmp/bullpen-uids-UID for another user.
   */
  uidLockDir: z.string().startsWith('/').max(96).nullable().default(null),
  /** Name of this machine, for the leases of UIDs among workers that share no lock directory. Null takes the kernel's boot id. */
  nodeId: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, dashes or underscores')
    .nullable()
    .default(null),
  /** How long a lease of UIDs holds without being renewed; it is renewed three times in that. The same in the whole fleet. */
  uidLeaseTtlMs: milliseconds(1000, 600_000).default(30_000),
  /** Layers without which the worker refuses to run jobs: `a,b|c` needs a, and b or c. */
  floor: floorSchema.default(() => floorSchema.parse(defaultFloorText)),
  /** Whether jobs may run here. Unless said, they may exactly when the floor is the default one. */
  enabled: z.boolean('must be true or false').nullable().default(null),
  /** Targets (`host:port,host:port`, or `none`) that this worker's own process must not be able to reach. */
  egressProbes: egressTargetsSchema.default([]),
  /** How often one idle slot is probed again. */
  probeIntervalMs: milliseconds(100, 86_400_000).default(300_000),
  /** Port of the health endpoint, 0 for any free one, null for none; and the address it listens on. */
  healthPort: z.int().min(0).max(65_535).nullable().default(null),
  healthHost: z.string().min(1).max(255).default('127.0.0.1'),
  lockDurationMs: milliseconds(1000, 600_000).default(10_000),
  /** The same in the whole fleet: the checks of its workers share one timer in Redis. */
  stalledIntervalMs: milliseconds(100, 600_000).default(3000),
  resultTtlMs: milliseconds(1000, 30 * day).default(day),
  /**
   * How long, and at most how many, records of ended jobs Redis keeps. A record holds the whole message with its files; a completed one is
   * not needed, since the result has a key of its own, while a failed one is where the reason is found.
   */
  completedAgeMs: milliseconds(1000, 30 * day).default(60_000),
  completedCount: z.int().min(1).max(1_000_000).default(100),
  failedAgeMs: milliseconds(1000, 30 * day).default(7 * day),
  failedCount: z.int().min(1).max(1_000_000).default(5000),
  /**
   * Bytes of all streams and files of one job that its result keeps; what is beyond is cut, and files beyond are refused. Redis and every
   * reader hold a result whole, with up to a third more for its encoding: raise it where they have the memory.
   */
  outputBudgetBytes: z.int().min(1024).max(67_108_864).default(8_388_608),
  /** How long the results of jobs that ask for the cache answer equal ones; 0 turns the cache off. */
  cacheAgeMs: milliseconds(0, 30 * day).default(day),
  /** What is kept of one run has at most so many bytes as JSON. */
  cacheBytes: z.int().min(1024).max(1_048_576).default(262_144),
  /** What is kept of all runs together; beyond that the oldest goes. The same in the whole fleet. */
  cacheTotalBytes: z.int().min(1_048_576).max(1_099_511_627_776).default(134_217_728),
  /** How long running jobs may go on after SIGTERM before they go back to the queue. */
  drainGraceMs: milliseconds(0, 3_600_000).default(30_000),
  /** Added to the wall-time limits of a job's commands: a job that outlives the sum has a sick slot. */
  budgetMarginMs: milliseconds(10, 600_000).default(15_000),
  /**
   * How long a worker whose slots are all in quarantine waits for one of them before it ends itself, so that it is replaced. A job waits half as
   * long for a slot, then it goes back to the queue without losing an attempt.
   */
  noSlotGraceMs: milliseconds(1000, 3_600_000).default(60_000),
  /** First pause before a job that met a fault is tried again; it doubles up to `retryDelayMaxMs`, with jitter. */
  retryDelayMs: milliseconds(1, 600_000).default(1000),
  retryDelayMaxMs: milliseconds(1, 3_600_000).default(60_000),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** A file with more profiles, or null. */
  profilesFile: z.string().nullable().default(null),
  /**
   * Whether programs run under AppArmor: `required` refuses to start unless each profile's is loaded and enforced, `when-loaded` uses what is,
   * `off` none. A kernel without AppArmor has none to load.
   */
  apparmor: z.enum(['required', 'when-loaded', 'off']).default('when-loaded'),
  /** AppArmor label of the worker itself, where it is confined: part of the profiles' text, since their programs take its signals. */
  apparmorWorkerLabel: z
    .string()
    .regex(/^[A-Za-z0-9._/-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, dashes, slashes or underscores')
    .default(defaultWorkerLabel),
  /** The jailer's program; null takes the one that was built with this package. */
  jailerPath: z.string().nullable().default(null),
  /** Parent of the worker's run directory; null takes /run for root and the system's temporary directory otherwise. */
  runDirParent: z.string().startsWith('/').nullable().default(null),
});

export type WorkerConfig = z.output<typeof workerConfigSchema>;
export type WorkerOptions = z.input<typeof workerConfigSchema>;
export type RedisTarget = z.output<typeof redisTargetSchema>;

/** Name of the environment variable of each option, and what its text stands for. */
const variables = {
  redis: ['BULLPEN_REDIS', 'text'],
  queue: ['BULLPEN_QUEUE', 'text'],
  prefix: ['BULLPEN_PREFIX', 'text'],
  slots: ['BULLPEN_SLOTS', 'number'],
  cpusPerSlot: ['BULLPEN_CPUS_PER_SLOT', 'number'],
  workerId: ['BULLPEN_WORKER_ID', 'text'],
  slotUidBase: ['BULLPEN_SLOT_UID_BASE', 'number'],
  workerUid: ['BULLPEN_WORKER_UID', 'number'],
  jail: ['BULLPEN_JAIL', 'text'],
  boxes: ['BULLPEN_BOXES', 'text'],
  uidLockDir: ['BULLPEN_UID_LOCK_DIR', 'text'],
  nodeId: ['BULLPEN_NODE_ID', 'text'],
  uidLeaseTtlMs: ['BULLPEN_UID_LEASE_TTL_MS', 'number'],
  floor: ['BULLPEN_FLOOR', 'text'],
  enabled: ['BULLPEN_ENABLED', 'boolean'],
  egressProbes: ['BULLPEN_EGRESS_PROBES', 'text'],
  probeIntervalMs: ['BULLPEN_PROBE_INTERVAL_MS', 'number'],
  healthPort: ['BULLPEN_HEALTH_PORT', 'number'],
  healthHost: ['BULLPEN_HEALTH_HOST', 'text'],
  lockDurationMs: ['BULLPEN_LOCK_DURATION_MS', 'number'],
  stalledIntervalMs: ['BULLPEN_STALLED_INTERVAL_MS', 'number'],
  resultTtlMs: ['BULLPEN_RESULT_TTL_MS', 'number'],
  completedAgeMs: ['BULLPEN_COMPLETED_AGE_MS', 'number'],
  completedCount: ['BULLPEN_COMPLETED_COUNT', 'number'],
  failedAgeMs: ['BULLPEN_FAILED_AGE_MS', 'number'],
  failedCount: ['BULLPEN_FAILED_COUNT', 'number'],
  outputBudgetBytes: ['BULLPEN_OUTPUT_BUDGET_BYTES', 'number'],
  cacheAgeMs: ['BULLPEN_CACHE_AGE_MS', 'number'],
  cacheBytes: ['BULLPEN_CACHE_BYTES', 'number'],
  cacheTotalBytes: ['BULLPEN_CACHE_TOTAL_BYTES', 'number'],
  drainGraceMs: ['BULLPEN_DRAIN_GRACE_MS', 'number'],
  budgetMarginMs: ['BULLPEN_BUDGET_MARGIN_MS', 'number'],
  noSlotGraceMs: ['BULLPEN_NO_SLOT_GRACE_MS', 'number'],
  retryDelayMs: ['BULLPEN_RETRY_DELAY_MS', 'number'],
  retryDelayMaxMs: ['BULLPEN_RETRY_DELAY_MAX_MS', 'number'],
  logLevel: ['BULLPEN_LOG_LEVEL', 'text'],
  profilesFile: ['BULLPEN_PROFILES_FILE', 'text'],
  apparmor: ['BULLPEN_APPARMOR', 'text'],
  apparmorWorkerLabel: ['BULLPEN_APPARMOR_WORKER_LABEL', 'text'],
  jailerPath: ['BULLPEN_JAILER', 'text'],
  runDirParent: ['BULLPEN_RUN_DIR', 'text'],
} as const satisfies Record<keyof WorkerConfig, readonly [string, VariableKind]>;

/** Fills defaults. Throws an Error whose sentences name each bad option, its value and its bound. */
export function resolveWorkerConfig(
  options: WorkerOptions,
  nameOf: (option: string) => string = (option) => option,
): WorkerConfig {
  const parsed = workerConfigSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new Error(settingSentences(parsed.error, options, nameOf));
}

/** The configuration of a worker that runs as its own process, from its environment (`BULLPEN_REDIS`, `BULLPEN_SLOTS` ...). */
export function readWorkerConfig(environment: Record<string, string | undefined> = process.env): WorkerConfig {
  const options = readVariables(variables, environment);
  if (options['egressProbes'] === undefined && environment['KUBERNETES_SERVICE_HOST'] !== undefined)
    options['egressProbes'] = podEgressTargets;
  return resolveWorkerConfig(
    options,
    (option) => (variables as Record<string, readonly [string, string]>)[option]?.[0] ?? option,
  );
}
