import { flushCompileCache } from 'node:module';
import { release } from 'node:os';
import { type Jailer, type JailLayer, type JailSlot, startJailer } from '@bullpen/jailer';
import { openCache } from './cache/open-cache.ts';
import { type Closers, createClosers } from './closers.ts';
import { resolveWorkerConfig, type WorkerConfig, type WorkerOptions } from './config.ts';
import { followGate } from './follow-gate.ts';
import { type Follows, openFollows } from './follow/follows.ts';
import { createGate, type Gate } from './health/gate.ts';
import { openHealth } from './health/open-health.ts';
import { createWorkerMetrics, type WorkerMetrics } from './health/worker-metrics.ts';
import { dropPrivileges } from './host/drop-privileges.ts';
import { jailerProgram } from './host/jailer-program.ts';
import { type PreparedHost, prepareHost } from './host/prepare-host.ts';
import { isEnabled, joinRoster } from './join-roster.ts';
import { handleJob } from './job/handle-job.ts';
import { processJob } from './job/process-job.ts';
import { createRunningJobs, type RunningJobs } from './job/running-jobs.ts';
import { createLogger, type Logger } from './log.ts';
import { openSlots } from './open-slots.ts';
import { renderFloor } from './probes/floor.ts';
import type { ProbeJudge } from './probes/judge-probes.ts';
import { openJudge } from './probes/open-judge.ts';
import { probeEgress } from './probes/probe-egress.ts';
import { watchWorker } from './probes/watch-worker.ts';
import type { openQueueDoor, QueueDoor } from './queue-door.ts';
import { connectRedis, type RedisConnection } from './redis/connect.ts';
import { type Outlasting, outlastRefusals } from './redis/outlast.ts';
import type { Roster } from './redis/keep-roster.ts';
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
  /** Whether jobs may run here; a worker that is not enabled takes none until it is started again with `enabled`. */
  readonly enabled: boolean;
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
  const metrics = createWorkerMetrics();
  gate.set('disabled', !isEnabled(config));
  try {
    // Loaded while the host's programs are asked for their versions, and before the right to read this checkout may be gone.
    const [host, { openQueueDoor }] = await Promise.all([prepareHost(config), import('./queue-door.ts')]);
    logger.info({ mode: host.mode, boxes: host.boxes?.path }, 'how jails are made');
    logAppArmor(logger, host);
    const redis = openConnection(config, 'uid-leases', { logger, closers });
    const start = (): Promise<Jailer> => startSlots(config, { host, logger, closers });
    const uids = await startOnOwnUids({ config, host, redis, gate, logger, closers, start });
    // Where Node keeps compiled code, for the next start: at its end this process may not write there any more.
    flushCompileCache();
    if (host.identity !== null) dropPrivileges(host.identity);
    await openHealth(config, { state, gate, metrics, logger, closers });
    const layers = await proveWorker(config, uids.started.slots, host);
    if (!isEnabled(config)) logDisabled(logger, config);
    return await takeJobs(config, { openQueueDoor, host, uids, layers, state, gate, metrics, logger, closers });
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

function logDisabled(logger: Logger, { enabled, floor }: WorkerConfig): void {
  const why =
    enabled === false
      ? 'BULLPEN_ENABLED is false'
      : `the floor ${renderFloor(floor)} is not the default one, and BULLPEN_ENABLED is not set`;
  logger.warn(
    { why: `${why}: start it again with BULLPEN_ENABLED=true` },
    'no jobs are taken: this worker is not enabled',
  );
}

/** The slots and the worker's own process, at once. Returns the layers that were measured in a jail. */
async function proveWorker(
  { floor, egressProbes }: WorkerConfig,
  slots: readonly JailSlot[],
  host: PreparedHost,
): Promise<readonly JailLayer[]> {
  const [layers] = await Promise.all([proveSlots(slots, host.profiles.available, floor), probeEgress(egressProbes)]);
  return layers;
}

interface JobParts {
  readonly openQueueDoor: typeof openQueueDoor;
  readonly host: PreparedHost;
  readonly uids: OwnUids<Jailer>;
  /** What was measured in a jail. */
  readonly layers: readonly JailLayer[];
  readonly state: StateHolder;
  readonly gate: Gate;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
  readonly closers: Closers;
}

async function takeJobs(config: WorkerConfig, parts: JobParts): Promise<RunningWorker> {
  const { host, uids, state, gate, metrics, logger, closers } = parts;
  const { started: jailer } = uids;
  const running = createRunningJobs();
  const redis = openConnections(config, { logger, closers });
  const judge = openJudge(config, { ...parts, slots: jailer.slots, redis: redis.commands });
  const { available } = host.profiles;
  const onUsableChange = (usable: number): void => {
    door.limit(usable);
    usableWatch.update(usable);
  };
  const slots = openSlots(jailer.slots, { available, floor: config.floor, logger, closers, judge, onUsableChange });
  metrics.watchSlots(slots);
  const follows = await listen(config, { ...redis, running, logger });
  const shared = { ...parts, redis: redis.commands };
  const outlasting = outlastRefusals({ ...shared, names: config, workerId: config.workerId });
  closers.push(() => outlasting.close());
  const roster = await joinRoster(config, { ...shared, outlasting });
  const door = openQueue(config, { ...shared, jailer, running, follows, slots, judge, roster, outlasting });
  await door.ready;
  const { stop, stopped, fail } = createStop({ door, running, closers, state, logger, graceMs: config.drainGraceMs });
  const usableWatch = watchUsable(config.noSlotGraceMs, () => fail(noSlotError(config)));
  closers.push(() => usableWatch.close());
  watchWorker(config, { available, slots, judge, closers });
  failOnLoss(uids, fail);
  state.move('ready');
  const mayTake = (): boolean => state.state === 'ready';
  followGate({ gate, door, mayTake, giveBack: () => running.stopAll('shutdown'), onError: fail });
  return {
    workerId: config.workerId,
    profiles: available.map(({ profile }) => profile.name),
    slots: config.slots,
    enabled: isEnabled(config),
    get state() {
      return state.state;
    },
    stop,
    stopped,
  };
}

interface ListenParts {
  readonly announcements: RedisConnection;
  readonly commands: RedisConnection;
  readonly running: RunningJobs;
  readonly logger: Logger;
}

/** Hears what producers announce: whose jobs nobody wants any more, and whose output somebody wants to see. */
async function listen(names: WorkerConfig, parts: ListenParts): Promise<Follows> {
  const { announcements: listener, commands, running, logger } = parts;
  const told = (what: string) => (error: unknown) => logger.warn({ err: error }, what);
  await watchCancels({ listener, commands, names, running, onError: told('cancel watch error') });
  return openFollows({ listener, commands, names, onError: told('follow error') });
}

function failOnLoss({ lost, started: jailer }: OwnUids<Jailer>, fail: (error: unknown) => void): void {
  lost.then(fail).catch(fail);
  jailer.ended
    .then(() => fail(new Error('The jailer ended: its slots are gone, this worker must be replaced.')))
    .catch(fail);
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
    announcements: openConnection(config, 'announcements', parts),
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

interface QueueParts {
  readonly openQueueDoor: typeof openQueueDoor;
  readonly host: PreparedHost;
  readonly jailer: Jailer;
  readonly gate: Gate;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly running: RunningJobs;
  readonly follows: Follows;
  readonly slots: SlotPool<JailSlot>;
  readonly judge: ProbeJudge;
  readonly roster: Roster;
  readonly outlasting: Outlasting;
  readonly redis: RedisConnection;
  /** What was measured in a jail. */
  readonly layers: readonly JailLayer[];
}

function openQueue(config: WorkerConfig, parts: QueueParts): QueueDoor {
  const { openQueueDoor, host, jailer, gate, metrics, logger, running, follows, slots, judge, roster, redis } = parts;
  const worker = { workerId: config.workerId, jailerVersion: jailer.version, kernel: release() };
  const { floor, outputBudgetBytes, budgetMarginMs, resultTtlMs } = config;
  const slotWaitMs = config.noSlotGraceMs / 2;
  const { provenAt } = judge;
  const { profiles } = host;
  const cache = openCache(config, { ...parts, worker });
  const processing = { worker, profiles, slots, floor, provenAt, outputBudgetBytes, budgetMarginMs, slotWaitMs, cache };
  const { countJob: count } = metrics;
  const told = { running, follows, roster, logger, count, outlasting: parts.outlasting };
  const handling = { names: config, redis, ...told, resultTtlMs, outputBudgetBytes };
  return openQueueDoor({
    config,
    connection: redis,
    outlasting: parts.outlasting,
    // A job that was on its way when the gate closed goes back as it came.
    handle: async (job) =>
      gate.isOpen
        ? handleJob({ ...handling, process: (attempt) => processJob(processing, attempt) }, job)
        : { kind: 'give-back' },
    onError: (error) => logger.warn({ err: error }, 'queue error'),
  });
}
