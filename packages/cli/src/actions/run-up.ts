import { availableParallelism } from 'node:os';
import type { RunningGateway } from '@bullpen/gateway';
import type { Catalog } from '@bullpen/profiles';
import { type CliConfig, readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { chooseRedis } from '../fleet/parse-redis-target.ts';
import { type Fleet, startFleet } from '../fleet/start-fleet.ts';
import { readFleetState, removeFleetState, writeFleetState } from '../fleet/state-file.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { makeWorkerProfilesFile } from '../job/worker-profiles-file.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { say, writeAll } from '../output/write-all.ts';
import { parseCount } from '../parse/parse-count.ts';
import { UsageError } from '../usage-error.ts';

export interface UpOptions {
  readonly slots?: string;
  readonly redis?: string;
  readonly profiles?: string;
  readonly http?: string;
  readonly json?: boolean;
}

/** As long as the worker's own grace for running jobs, and a little more. */
const closeGraceMs = 40_000;

/** Runs a Redis and a worker until Ctrl-C. The first one lets running jobs end, a second one does not. */
export async function runUp(options: UpOptions): Promise<number> {
  const config = readCliConfig();
  const slots = countSlots(options.slots, config);
  const catalog = await loadCatalog(options.profiles);
  const httpPort =
    options.http === undefined ? null : parseCount(options.http, { option: '--http', least: 0, most: 65_535 });
  assertNoFleet(config.stateDir);
  const fleet = await startFleet({
    config,
    workers: 1,
    slots,
    redis: chooseRedis(options.redis, config),
    profilesFile: await makeWorkerProfilesFile(options.profiles),
    ownQueue: false,
    logLevel: 'info',
    log: 'inherit',
  });
  let isInterrupted = false;
  const interrupted = new Promise<void>((stop) => {
    onInterrupt({
      first: () => {
        say('stopping: running jobs may end, Ctrl-C again to leave at once');
        isInterrupted = true;
        stop();
      },
      second: () => fleet.kill(),
    });
  });
  let isNoted = false;
  let gateway: RunningGateway | null = null;
  let isLost = false;
  fleet.lost.catch(() => {
    isLost = true;
  });
  try {
    await Promise.race([Promise.all(fleet.workers.map((worker) => worker.ready)), fleet.lost, interrupted]);
    if (isInterrupted) return exitCodes.success;
    assertNoFleet(config.stateDir);
    writeFleetState(config.stateDir, {
      redis: fleet.redis,
      pid: process.pid,
      workerUid: fleet.workerUid ?? undefined,
    });
    isNoted = true;
    gateway = httpPort === null ? null : await openGateway(fleet.redis, { port: httpPort, catalog, config });
    await announce(fleet, { slots, json: options.json ?? false, http: gateway?.origin ?? null });
    await Promise.race([interrupted, fleet.lost]);
  } finally {
    if (isNoted) removeFleetState(config.stateDir);
    await gateway?.close();
    // Without its Redis or its worker there is nothing to wait for.
    await fleet.close(isLost ? 0 : closeGraceMs);
  }
  return exitCodes.success;
}

/** As for a worker by itself, whose refusals name the setting: an ordinary user without namespaces has to say 1. */
function countSlots(option: string | undefined, { environment }: CliConfig): number {
  const bounds = { least: 1, most: 256 };
  if (option !== undefined) return parseCount(option, { option: '--slots', ...bounds });
  const setting = environment['BULLPEN_SLOTS'];
  return setting === undefined || setting === ''
    ? availableParallelism()
    : parseCount(setting, { option: 'BULLPEN_SLOTS', ...bounds });
}

/** The note of a fleet has room for one. */
function assertNoFleet(stateDir: string): void {
  const running = readFleetState(stateDir);
  if (running === null) return;
  throw new UsageError(
    `A fleet of yours is running already (process ${running.pid}, ${running.redis}): add a worker to it with \`bullpen worker\`, or end it first.`,
  );
}

interface GatewayWish {
  readonly port: number;
  readonly catalog: Catalog;
  readonly config: CliConfig;
}

/** For this machine's users, who need no keys; loaded only when asked for. */
async function openGateway(redis: string, { port, catalog, config }: GatewayWish): Promise<RunningGateway> {
  const { readGatewayConfig, startGateway } = await import('@bullpen/gateway');
  const gatewayConfig = readGatewayConfig({ redis, listen: `127.0.0.1:${port}` }, config.environment);
  return startGateway(gatewayConfig, { catalog, withoutKeys: true });
}

interface Announced {
  readonly slots: number;
  readonly json: boolean;
  readonly http: string | null;
}

async function announce(fleet: Fleet, { slots, json, http }: Announced): Promise<void> {
  if (json) {
    const fields = { ready: true, redis: fleet.redis, slots, pid: process.pid, ...(http === null ? {} : { http }) };
    await writeAll(process.stdout, `${JSON.stringify(fields)}\n`);
    return;
  }
  await writeAll(
    process.stdout,
    `Ready: a worker with ${slots} ${slots === 1 ? 'slot' : 'slots'} at ${fleet.redis}\n` +
      (http === null ? '' : `HTTP for this machine at ${http}, see ${http}/docs\n`) +
      'In another terminal: ./bullpen submit FILE, then ./bullpen result ID. Ctrl-C ends it.\n',
  );
}
