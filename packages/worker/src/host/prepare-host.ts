import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupController, hasHostPaths, type JailMode, renderJailerTable } from '@bullpen/profiles';
import type { WorkerConfig } from '../config.ts';
import { type AppArmorChoice, chooseAppArmor, readAppArmorKernel } from './choose-apparmor.ts';
import { assertSwapCounts } from './check-swap.ts';
import { type BoxesPlace, chooseBoxes } from './choose-boxes.ts';
import { chooseJailMode } from './choose-jail-mode.ts';
import { chooseIdRange, readHostIds } from './choose-uids.ts';
import { type UidRange, uidsOf } from '../uids/uid-range.ts';
import { discoverCgroups } from './discover-cgroups.ts';
import type { Identity } from './drop-privileges.ts';
import { jailerProgram } from './jailer-program.ts';
import { limitDisks, loadProfiles, type WorkerCatalog } from './load-profiles.ts';
import { type Powers, readPowers } from './powers.ts';
import { readPlace } from './read-place.ts';
import { removeStale } from './remove-stale.ts';
import { defaultRunDirParent, makeRunDirectory } from './run-directory.ts';
import { readLockedUids, uidLockDirectory } from './uid-lock.ts';

/** What a worker needs of its host, decided while it still had the right to. */
export interface PreparedHost {
  readonly mode: JailMode;
  /** The one user of worker and slot where programs cannot have another; null where slots have users of their own. */
  readonly sharedUid: number | null;
  /** Where jails without mounts have their boxes; null for others. */
  readonly boxes: BoxesPlace | null;
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
 * The privileged part of a worker's start: finds out which jails it can make, clears what dead workers left behind, makes the run directory,
 * chooses this worker's own UID and finds cgroups and toolchains.
 */
export async function prepareHost(config: WorkerConfig): Promise<PreparedHost> {
  const powers = readPowers(jailerProgram(config));
  const mode = await chooseJailMode(config, powers);
  const runDirParent = config.runDirParent ?? defaultRunDirParent(powers.uid === 0);
  const parents = discoverCgroups(config);
  assertSwapCounts(parents);
  removeStale({ cgroups: Object.values(parents), runDirs: [runDirParent] });
  const { profiles, boxes } = await loadForMode(config, mode, runDirParent);
  const apparmorKernel = await readAppArmorKernel(config, profiles.available);
  const apparmor = chooseAppArmor(config, profiles.available, apparmorKernel);
  const runDir = makeRunDirectory(runDirParent);
  const sharedUid = mode === 'restricted' ? powers.uid : null;
  const workerUid = sharedUid ?? chooseWorkerUid(config);
  const cgroups = Object.fromEntries(
    Object.entries(parents).map(([controller, parent]) => [controller, join(parent, `bullpen-${process.pid}`)]),
  );
  const tableFile = join(runDir, 'table');
  const writeTable = (uids: UidRange): void => {
    const table = renderJailerTable({
      runDir,
      mode,
      boxes: boxes?.path,
      uidLocks: mode === 'userns' ? undefined : uidLockDirectory(config, powers.uid),
      slots: uidsOf(uids).map((uid) => ({ uid, gid: sharedUid === null ? uid : powers.gid })),
      cgroups,
      cpuMilli: config.cpusPerSlot === null ? undefined : Math.round(config.cpusPerSlot * 1000),
      profiles: profiles.available,
      apparmor: apparmor.names,
    });
    rmSync(tableFile, { force: true });
    writeFileSync(tableFile, table, { mode: 0o600, flag: 'wx' });
  };
  return {
    mode,
    sharedUid,
    boxes,
    tableFile,
    runDir,
    profiles,
    cgroups: Object.keys(cgroups) as CgroupController[],
    apparmor,
    identity: powers.uid === 0 ? { uid: workerUid, gid: workerUid } : null,
    chooseSlotBase: () => sharedUid ?? config.slotUidBase ?? chooseFreeBase(config, { workerUid, powers }),
    writeTable,
  };
}

/** The profiles that jails of this mode can run; where they mount nothing, with ceilings that the place of their boxes can hold. */
async function loadForMode(
  config: WorkerConfig,
  mode: JailMode,
  runDirParent: string,
): Promise<{ readonly profiles: WorkerCatalog; readonly boxes: BoxesPlace | null }> {
  const profiles = await loadProfiles(config.profilesFile, mode);
  if (!hasHostPaths(mode)) return { profiles, boxes: null };
  const boxes = chooseBoxes({
    asked: config.boxes,
    runDirParent,
    slots: config.slots,
    available: profiles.available,
    readPlace: (path) => readPlace(path, mode),
  });
  return { profiles: limitDisks(profiles, boxes.bytesPerSlot), boxes };
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

function chooseFreeBase(config: WorkerConfig, others: { readonly workerUid: number; readonly powers: Powers }): number {
  const locked = readLockedUids(uidLockDirectory(config, others.powers.uid)) ?? [];
  return chooseIdRange(config.slots, readHostIds(), new Set([others.workerUid, ...locked]));
}
