import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CgroupController, renderJailerTable } from '@bullpen/profiles';
import type { WorkerConfig } from '../config.ts';
import { type AppArmorChoice, chooseAppArmor, readAppArmorKernel } from './choose-apparmor.ts';
import { chooseIdRange, readHostIds } from './choose-uids.ts';
import { discoverCgroups } from './discover-cgroups.ts';
import type { Identity } from './drop-privileges.ts';
import { loadProfiles, type WorkerCatalog } from './load-profiles.ts';
import { removeStale } from './remove-stale.ts';
import { defaultRunDirParent, makeRunDirectory } from './run-directory.ts';

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
}

/**
 * The privileged part of a worker's start: clears what dead workers left behind, makes the run directory, chooses the slots' UIDs and
 * this worker's own, finds cgroups and toolchains, and writes the table that the jailer reads.
 */
export async function prepareHost(config: WorkerConfig): Promise<PreparedHost> {
  const mode = process.geteuid?.() === 0 ? 'root' : 'userns';
  const runDirParent = config.runDirParent ?? defaultRunDirParent(mode === 'root');
  const parents = discoverCgroups();
  removeStale({ cgroups: Object.values(parents), runDirs: [runDirParent] });
  const profiles = await loadProfiles(config.profilesFile);
  const apparmor = chooseAppArmor(config, profiles.available, readAppArmorKernel());
  const runDir = makeRunDirectory(runDirParent);
  const { slots, identity } = chooseIdentities(config);
  const cgroups = Object.fromEntries(
    Object.entries(parents).map(([controller, parent]) => [controller, join(parent, `bullpen-${process.pid}`)]),
  );
  const table = renderJailerTable({
    runDir,
    mode,
    slots,
    cgroups,
    profiles: profiles.available,
    apparmor: apparmor.names,
  });
  const tableFile = join(runDir, 'table');
  writeFileSync(tableFile, table, { mode: 0o600, flag: 'wx' });
  return {
    mode,
    tableFile,
    runDir,
    profiles,
    cgroups: Object.keys(cgroups) as CgroupController[],
    apparmor,
    identity: mode === 'root' ? identity : null,
  };
}

/** One ID per slot, and one for the worker that no slot has. GIDs equal UIDs. */
function chooseIdentities(config: Pick<WorkerConfig, 'slots' | 'slotUidBase' | 'workerUid'>): {
  slots: Identity[];
  identity: Identity;
} {
  const host = readHostIds();
  const workerUid = config.workerUid ?? chooseIdRange(1, host);
  const base = config.slotUidBase ?? chooseIdRange(config.slots, host, new Set([workerUid]));
  if (workerUid >= base && workerUid < base + config.slots) {
    throw new Error(
      `The worker's UID ${workerUid} lies among those of its slots, ${base} to ${base + config.slots - 1}: choose another.`,
    );
  }
  const slots = Array.from({ length: config.slots }, (_, index) => ({ uid: base + index, gid: base + index }));
  return { slots, identity: { uid: workerUid, gid: workerUid } };
}
