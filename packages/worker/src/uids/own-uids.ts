import { JailerError } from '@bullpen/jailer';
import type { WorkerConfig } from '../config.ts';
import type { Closers } from '../closers.ts';
import type { Gate } from '../health/gate.ts';
import type { PreparedHost } from '../host/prepare-host.ts';
import type { Logger } from '../log.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { awaitEmpty } from './await-empty.ts';
import { keepLease } from './keep-lease.ts';
import type { UidLease } from './lease-uids.ts';
import { readNodeIdentity } from './node-identity.ts';
import { releaseLease } from './release-lease.ts';
import { takeUids } from './take-uids.ts';
import { occupiedUnseen } from './uid-occupied-error.ts';
import { renderRange } from './uid-range.ts';

export interface OwnUidsOptions<Started> {
  readonly config: WorkerConfig;
  readonly host: PreparedHost;
  readonly redis: RedisConnection;
  readonly gate: Gate;
  readonly logger: Logger;
  readonly closers: Closers;
  /** Starts the jailer with the table that was just written. */
  start(): Promise<Started>;
}

export interface OwnUids<Started> {
  readonly started: Started;
  /** Resolves when another worker has the UIDs; never otherwise. */
  readonly lost: Promise<Error>;
}

/** How long what a crashed worker left on the operator's UIDs may take to end, in milliseconds. */
const emptyDeadlineMs = 10_000;

const remedies = {
  slots: 'choose another slotUidBase (`bullpen uids pick`), or leave it to the worker',
  shared:
    'programs of restricted jails have the user of their worker, so start each worker of a machine as another one',
};

/**
 * Starts the jailer on UIDs that are this worker's alone, and keeps them until everything is closed. A restricted worker shares its own with its
 * slot, and leases that. One with user namespaces has no UIDs to give to slots: the kernel counts its programs in each namespace.
 */
export async function startOnOwnUids<Started>(options: OwnUidsOptions<Started>): Promise<OwnUids<Started>> {
  const { config, host, redis, gate, logger, closers } = options;
  const { promise: lost, resolve: onLost } = Promise.withResolvers<Error>();
  const count = config.slots;
  if (host.mode === 'userns') {
    host.writeTable({ base: host.chooseSlotBase(), count });
    return { started: await options.start(), lost };
  }
  const node = readNodeIdentity(config.nodeId);
  const { prefix, workerId, uidLeaseTtlMs: ttlMs } = config;
  const isShared = host.sharedUid !== null;
  const fixedBase = host.sharedUid ?? config.slotUidBase;
  const start = async (lease: UidLease): Promise<Started> => {
    let isOurs = true;
    closers.push(() => (isOurs ? releaseLease({ lease, isShared, logger }) : undefined));
    const kept = keepLease({
      lease,
      ttlMs,
      onLost,
      onDoubt: (inDoubt) => gate.set('lease-in-doubt', inDoubt),
      onError: (error) => logger.warn({ err: error }, 'lease of UIDs not renewed'),
    });
    closers.push(() => kept.close());
    host.writeTable(lease.range);
    try {
      if (!isShared) await awaitEmpty(lease.range, fixedBase === null ? 0 : emptyDeadlineMs);
      return await options.start();
    } catch (error) {
      kept.close();
      isOurs = false;
      throw error instanceof JailerError ? (occupiedUnseen(lease.range, error) ?? error) : error;
    }
  };
  const { lease, started } = await takeUids({
    lease: { redis, prefix, node, workerId, ttlMs },
    count,
    fixedBase,
    remedy: isShared ? remedies.shared : remedies.slots,
    choose: () => host.chooseSlotBase(),
    onWait: (reason) => logger.warn({ reason }, 'UIDs of the slots are leased to another worker'),
    start,
  });
  logger.info({ uids: renderRange(lease.range), node, lease: lease.value }, 'UIDs of the slots are leased');
  return { started, lost };
}
