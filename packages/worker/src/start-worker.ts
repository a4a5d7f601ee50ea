import { release } from 'node:os';
import { type Jailer, type JailSlot, startJailer } from '@bullpen/jailer';
import { type Closers, createClosers } from './closers.ts';
import { resolveWorkerConfig, type WorkerConfig, type WorkerOptions } from './config.ts';
import { createGate, type Gate } from './health/gate.ts';
import { serveHealth } from './health/serve-health.ts';
import { dropPrivileges } from './host/drop-privileges.ts';
import { jailerProgram } from './host/jailer-program.ts';
import { type PreparedHost, prepareHost } from './host/prepare-host.ts';
import { handleJob } from './job/handle-job.ts';
import { processJob } from './job/process-job.ts';
import { createRunningJobs, type RunningJobs } from './job/running-jobs.ts';
import { createLogger, type Logger } from './log.ts';
import { openSlots } from './open-slots.ts';
import { judgeProbes, type ProbeJudge } from './probes/judge-probes.ts';
import { probeSlot } from './probes/probe-slot.ts';
import { watchProbes } from './probes/watch-probes.ts';
import { openQueueDoor, type QueueDoor } from './queue-door.ts';
import { connectRedis, type RedisConnection } from './redis/connect.ts';
import { watchCancels } from './redis/watch-cancels.ts';
import { proveSlots } from './self-check.ts';
import type { SlotPool } from './slots.ts';
import { createStop } from './stop-worker.ts';
import { type OwnUids, startOnOwnUids } from './uids/own-uids.ts';
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
  const state = createStateHolder((from, to) => logger.info({ from, to }, 'worker state changed'));
  const gate = createGate();
  try {
    const host = await prepareHost(config);
    logger.info({ mode: host.mode, boxes: host.boxes?.path }, 'how jails are made');
    logAppArmor(logger, host);
    const redis = openConnection(config, 'uid-leases', { logger, closers });
    const start = (): Promise<Jailer> => startSlots(config, { host, logger, closers });
    const uids = await startOnOwnUids({ config, host, redis, gate, logger, closers, start });
    if (host.identity !== null) dropPrivileges(host.identity);
    await openHealth(config, { state, gate, logger, closers });
    await proveSlots(uids.started.slots, host.profiles.available);
    return await takeJobs(config, { host, uids, state, gate, logger, closers });
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
    binary: jailerProgram(config),
    tableFile: host.tableFile,
    slots: config.slots,
    onDiagnostic: (line) => logger.warn({ line }, 'jailer says'),
  });
  closers.push(() => jailer.close());
  return jailer;
}

/** Answers from before the slots are proven until everything else is closed. */
async function openHealth(
  config: WorkerConfig,
  parts: { state: StateHolder; gate: Gate; logger: Logger; closers: Closers },
): Promise<void> {
  const { state, gate, logger, closers } = parts;
  if (config.healthPort === null) return;
  const source = {
    get state() {
      return state.state;
    },
    get isSound() {
      return gate.isOpen;
    },
  };
  const server = await serveHealth({ host: config.healthHost, port: config.healthPort, source });
  closers.push(() => server.close());
  logger.info({ host: config.healthHost, port: server.port }, 'health endpoint listens');
}

interface JobParts {
  readonly host: PreparedHost;
  readonly uids: OwnUids<Jailer>;
  readonly state: StateHolder;
  readonly gate: Gate;
  readonly logger: Logger;
  readonly closers: Closers;
}

async function takeJobs(config: WorkerConfig, parts: JobParts): Promise<RunningWorker> {
  const { host, uids, state, gate, logger, closers } = parts;
  const { started: jailer } = uids;
  const judge = judgeProbes(gate, logger);
  const running = createRunningJobs();
  const slots = openSlots(jailer.slots, {
    available: host.profiles.available,
    logger,
    closers,
    judge,
    onUsableChange(usable) {
      door.limit(usable);
      usableWatch.update(usable);
    },
  });
  const redis = openConnections(config, { logger, closers });
  const onError = (error: Error): void => logger.warn({ err: error }, 'cancel watch error');
  await watchCancels({ listener: redis.cancels, commands: redis.commands, names: config, running, onError });
  const door = openQueue(config, { host, jailer, gate, logger, running, slots, redis: redis.commands });
  await door.ready;
  const { stop, stopped, fail } = createStop({ door, running, closers, state, logger, graceMs: config.drainGraceMs });
  const usableWatch = watchUsable(config.noSlotGraceMs, () => fail(noSlotError(config)));
  closers.push(() => usableWatch.close());
  gate.listen((isOpen) => {
    if (isOpen && state.state === 'ready') door.resume();
    if (isOpen) return;
    door.pause().catch(fail);
    running.stopAll('shutdown');
  });
  watchSlots(config, { host, slots, judge, closers });
  uids.lost.then(fail).catch(fail);
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
  const parts = { logger, closers };
  return {
    commands: openConnection(config, 'commands', parts),
    cancels: openConnection(config, 'cancels', parts),
  };
}

function openConnection(
  config: WorkerConfig,
  purpose: string,
  { logger, closers }: { logger: Logger; closers: Closers },
): RedisConnection {
  const connection = connectRedis(config.redis, (error) =>
    logger.warn({ purpose, err: error }, 'redis connection error'),
  );
  closers.push(() => connection.disconnect());
  return connection;
}

/** Probes an idle slot from time to time. */
function watchSlots(
  config: WorkerConfig,
  parts: { host: PreparedHost; slots: SlotPool<JailSlot>; judge: ProbeJudge; closers: Closers },
): void {
  const { host, slots, judge, closers } = parts;
  const watch = watchProbes({
    slots,
    intervalMs: config.probeIntervalMs,
    probe: (slot) => probeSlot(slot, host.profiles.available),
    onPassed: (slot) => judge.passed(slot),
    onFailed: (slot, error) => judge.failed(slot, error),
  });
  closers.push(() => watch.close());
}

interface QueueParts {
  readonly host: PreparedHost;
  readonly jailer: Jailer;
  readonly gate: Gate;
  readonly logger: Logger;
  readonly running: RunningJobs;
  readonly slots: SlotPool<JailSlot>;
  readonly redis: RedisConnection;
}

function openQueue(config: WorkerConfig, parts: QueueParts): QueueDoor {
  const { host, jailer, gate, logger, running, slots, redis } = parts;
  const worker = { workerId: config.workerId, jailerVersion: jailer.version, kernel: release() };
  const { outputBudgetBytes, budgetMarginMs, resultTtlMs } = config;
  const slotWaitMs = config.noSlotGraceMs / 2;
  const processing = { worker, profiles: host.profiles, slots, outputBudgetBytes, budgetMarginMs, slotWaitMs };
  const handling = { names: config, redis, running, logger, resultTtlMs, outputBudgetBytes };
  return openQueueDoor({
    config,
    connection: redis,
    // A job that was on its way when the gate closed goes back as it came.
    handle: async (job) =>
      gate.isOpen
        ? handleJob({ ...handling, process: (attempt) => processJob(processing, attempt) }, job)
        : { kind: 'give-back' },
    onError: (error) => logger.warn({ err: error }, 'queue error'),
  });
}
