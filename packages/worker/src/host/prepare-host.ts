import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupController, renderJailerTable } from '@bullpen/profiles';
import type { WorkerConfig } from '../config.ts';
import { type AppArmorChoice, chooseAppArmor, readAppArmorKernel } from './choose-apparmor.ts';
import { chooseIdRange, readHostIds } from './choose-uids.ts';
import { type UidRange, uidsOf } from '../uids/uid-range.ts';
import { discoverCgroups } from './discover-cgroups.ts';
import type { Identity } from './drop-privileges.ts';
import { loadProfiles, type WorkerCatalog } from './load-profiles.ts';
import { removeStale } from './remove-stale.ts';
import { defaultRunDirParent, makeRunDirectory } from './run-directory.ts';
import { readLockedUids } from './uid-lock.ts';

/** What a worker needs of its host, decided while it still had the right to. */
export interface PreparedHost {
  readonly mode: 'root' | 'userns';
  readonly tableFile: string;
  readonly runDir: string;
  readonly profiles: WorkerCatalog;
  readonly cgroups: readonly CgroupController[];
  readonly apparmor: AppArmorChoice;
  /** Who the worker becomes when the jailer runs; null when it has no privileges to give up. */
  readonly identity: Identity | null;
  /** Proposes the first UID of slots: the operator's, or a random one that nothing on this host seems to use. */
  chooseSlotBase(): number;
  /** Writes the table that the jailer reads, with these UIDs for its slots. */
  writeTable(uids: UidRange): void;
}

/**
 * The privileged part of a worker's start: clears what dead workers left behind, makes the run directory, chooses this worker's own UID
 * and finds cgroups and toolchains.
 */
export async function prepareHost(config: WorkerConfig): Promise<PreparedHost> {
  const mode = process.geteuid?.() === 0 ? 'root' : 'userns';
  const runDirParent = config.runDirParent ?? defaultRunDirParent(mode === 'root');
  const parents = discoverCgroups();
  removeStale({ cgroups: Object.values(parents), runDirs: [runDirParent] });
  const profiles = await loadProfiles(config.profilesFile);
  const apparmor = chooseAppArmor(config, profiles.available, readAppArmorKernel());
  const runDir = makeRunDirectory(runDirParent);
  const workerUid = chooseWorkerUid(config);
  const cgroups = Object.fromEntries(
    Object.entries(parents).map(([controller, parent]) => [controller, join(parent, `bullpen-${process.pid}`)]),
  );
  const tableFile = join(runDir, 'table');
  const writeTable = (uids: UidRange): void => {
    const table = renderJailerTable({
      runDir,
      mode,
      uidLocks: mode === 'root' ? config.uidLockDir : undefined,
      slots: uidsOf(uids).map((uid) => ({ uid, gid: uid })),
      cgroups,
      profiles: profiles.available,
      apparmor: apparmor.names,
    });
    rmSync(tableFile, { force: true });
    writeFileSync(tableFile, table, { mode: 0o600, flag: 'wx' });
  };
  return {
    mode,
    tableFile,
    runDir,
    profiles,
    cgroups: Object.keys(cgroups) as CgroupController[],
    apparmor,
    identity: mode === 'root' ? { uid: workerUid, gid: workerUid } : null,
    chooseSlotBase: () => config.slotUidBase ?? chooseFreeBase(config, workerUid),
    writeTable,
  };
}

/** One ID that no slot has. */
function chooseWorkerUid({ slots, slotUidBase, workerUid }: WorkerConfig): number {
  const fixed = slotUidBase === null ? [] : uidsOf({ base: slotUidBase, count: slots });
  if (workerUid === null) return chooseIdRange(1, readHostIds(), new Set(fixed));
  if (fixed.includes(workerUid)) {
    throw new Error(
      `The worker's UID ${workerUid} lies among those of its slots, ${fixed[0]} to ${fixed.at(-1)}: choose another.`,
    );
  }
  return workerUid;
}

function chooseFreeBase({ slots, uidLockDir }: WorkerConfig, workerUid: number): number {
  return chooseIdRange(slots, readHostIds(), new Set([workerUid, ...(readLockedUids(uidLockDir) ?? [])]));
}
