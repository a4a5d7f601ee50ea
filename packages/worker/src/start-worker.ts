import { release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Jailer, type JailSlot, startJailer } from '@bullpen/jailer';
import { type Closers, createClosers } from './closers.ts';
import { resolveWorkerConfig, type WorkerConfig, type WorkerOptions } from './config.ts';
import { dropPrivileges } from './host/drop-privileges.ts';
import { type PreparedHost, prepareHost } from './host/prepare-host.ts';
import { handleJob } from './job/handle-job.ts';
import { processJob } from './job/process-job.ts';
import { createRunningJobs, type RunningJobs } from './job/running-jobs.ts';
import { createLogger, type Logger } from './log.ts';
import { openSlots } from './open-slots.ts';
import { openQueueDoor, type QueueDoor } from './queue-door.ts';
import { connectRedis, type RedisConnection } from './redis/connect.ts';
import { watchCancels } from './redis/watch-cancels.ts';
import { proveSlots } from './self-check.ts';
import type { SlotPool } from './slots.ts';
import { createStop } from './stop-worker.ts';
import { watchUsable } from './watch-usable.ts';
import { createStateHolder, type StateHolder } from './worker-state.ts';

export interface RunningWorker {
  readonly workerId: string;
  /** Names of the profiles that this host can run. */
  readonly profiles: readonly string[];
  readonly slots: number;
  readonly state: StateHolder['state'];
  /**
   * Takes no more jobs, lets those that run go on for `graceMs` (0 to an hour; the configured grace unless said), gives the rest back to the
   * queue and closes everything. Calling it again shortens the grace.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** Resolves when the worker has closed. Rejects with the reason when it could not go on by itself. */
  readonly stopped: Promise<void>;
}

/**
 * Starts a worker in this process. A process that root started gives up its privileges here, for good, so such a worker needs a process
 * of its own. Throws when the configuration is wrong, the jailer does not come up, or a slot cannot be proven; nothing is left open then.
 */
export async function startWorker(options: WorkerOptions = {}): Promise<RunningWorker> {
  const config = resolveWorkerConfig(options);
  const logger = createLogger(config);
  const closers = createClosers();
  try {
    const host = await prepareHost(config);
    logAppArmor(logger, host);
    const jailer = await startSlots(config, { host, logger, closers });
    if (host.identity !== null) dropPrivileges(host.identity);
    await proveSlots(jailer.slots, host.profiles.available);
    return await takeJobs(config, { host, jailer, logger, closers });
  } catch (error) {
    await closers.close().catch((cause: unknown) => logger.error({ err: cause }, 'closing failed'));
    throw error;
  }
}

/** One line: most hosts have all or none. */
function logAppArmor(logger: Logger, { apparmor: { names, reasons } }: PreparedHost): void {
  if (names.size > 0) logger.info({ apparmor: Object.fromEntries(names) }, 'programs run under AppArmor');
  if (reasons.size > 0) {
    logger.warn({ reasons: [...reasons.values()] }, 'programs of some profiles run without AppArmor');
  }
}

async function startSlots(
  config: WorkerConfig,
  parts: { host: PreparedHost; logger: Logger; closers: Closers },
): Promise<Jailer> {
  const { host, logger, closers } = parts;
  const jailer = await startJailer({
    binary: config.jailerPath ?? builtJailer(),
    tableFile: host.tableFile,
    slots: config.slots,
    onDiagnostic: (line) => logger.warn({ line }, 'jailer says'),
  });
  closers.push(() => jailer.close());
  return jailer;
}

/** Where the jailer's own Makefile puts it, seen from the sources and from the built package alike. */
function builtJailer(): string {
  return fileURLToPath(new URL('../build/bullpen-jailer', import.meta.resolve('@bullpen/jailer')));
}

async function takeJobs(
  config: WorkerConfig,
  parts: { host: PreparedHost; jailer: Jailer; logger: Logger; closers: Closers },
): Promise<RunningWorker> {
  const { host, jailer, logger, closers } = parts;
  const state = createStateHolder((from, to) => logger.info({ from, to }, 'worker state changed'));
  const running = createRunningJobs();
  const slots = openSlots(jailer.slots, {
    available: host.profiles.available,
    logger,
    closers,
    onUsableChange(usable) {
      door.limit(usable);
      usableWatch.update(usable);
    },
  });
  const redis = openConnections(config, { logger, closers });
  const onError = (error: Error): void => logger.warn({ err: error }, 'cancel watch error');
  await watchCancels({ listener: redis.cancels, commands: redis.commands, names: config, running, onError });
  const door = openQueue(config, { host, jailer, logger, running, slots, redis: redis.commands });
  await door.ready;
  const { stop, stopped, fail } = createStop({ door, running, closers, state, logger, graceMs: config.drainGraceMs });
  const usableWatch = watchUsable(config.noSlotGraceMs, () => fail(noSlotError(config)));
  closers.push(() => usableWatch.close());
  jailer.ended
    .then(() => fail(new Error('The jailer ended: its slots are gone, this worker must be replaced.')))
    .catch(fail);
  state.move('ready');
  door.start();
  return {
    workerId: config.workerId,
    profiles: host.profiles.available.map(({ profile }) => profile.name),
    slots: config.slots,
    get state() {
      return state.state;
    },
    stop,
    stopped,
  };
}

function noSlotError({ slots, noSlotGraceMs }: WorkerConfig): Error {
  return new Error(
    `None of the ${slots} slots could be used for ${noSlotGraceMs} ms: the log says why, and this worker must be replaced.`,
  );
}

function openConnections(config: WorkerConfig, { logger, closers }: { logger: Logger; closers: Closers }) {
  const open = (purpose: string): RedisConnection => {
    const connection = connectRedis(config.redis, (error) =>
      logger.warn({ purpose, err: error }, 'redis connection error'),
    );
    closers.push(() => connection.disconnect());
    return connection;
  };
  return { commands: open('commands'), cancels: open('cancels') };
}

interface QueueParts {
  readonly host: PreparedHost;
  readonly jailer: Jailer;
  readonly logger: Logger;
  readonly running: RunningJobs;
  readonly slots: SlotPool<JailSlot>;
  readonly redis: RedisConnection;
}

function openQueue(config: WorkerConfig, { host, jailer, logger, running, slots, redis }: QueueParts): QueueDoor {
  const worker = { workerId: config.workerId, jailerVersion: jailer.version, kernel: release() };
  const { outputBudgetBytes, budgetMarginMs, resultTtlMs } = config;
  const slotWaitMs = config.noSlotGraceMs / 2;
  const processing = { worker, profiles: host.profiles, slots, outputBudgetBytes, budgetMarginMs, slotWaitMs };
  const handling = { names: config, redis, running, logger, resultTtlMs, outputBudgetBytes };
  return openQueueDoor({
    config,
    connection: redis,
    handle: (job) => handleJob({ ...handling, process: (attempt) => processJob(processing, attempt) }, job),
    onError: (error) => logger.warn({ err: error }, 'queue error'),
  });
}
