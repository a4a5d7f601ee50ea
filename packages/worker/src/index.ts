export {
  readWorkerConfig,
  resolveWorkerConfig,
  type WorkerConfig,
  type WorkerOptions,
  workerConfigSchema,
} from './config.ts';
export { chooseJailMode } from './host/choose-jail-mode.ts';
export {
  defaultFloor,
  defaultFloorText,
  findMissing,
  type Floor,
  floorSchema,
  isDefaultFloor,
  renderFloor,
} from './probes/floor.ts';
export { assertSwapCounts, countsSwap, parseSwaps, readSwaps } from './host/check-swap.ts';
export { findAlteredRules } from './host/compare-rules.ts';
export { chooseIdRange, type HostIds, readHostIds } from './host/choose-uids.ts';
export {
  type CgroupParents,
  discoverCgroups,
  locateCgroup,
  parseCgroupMounts,
  parseMemberships,
} from './host/discover-cgroups.ts';
export { jailerProgram } from './host/jailer-program.ts';
export { loadProfiles, type WorkerCatalog } from './host/load-profiles.ts';
export { type PreparedHost, prepareHost } from './host/prepare-host.ts';
export { type Powers, readPowers } from './host/powers.ts';
export { readLockedUids, uidLockDirectory } from './host/uid-lock.ts';
export type { ResultSummary } from './job/summarize.ts';
export { proveSlots } from './self-check.ts';
export { type RunningWorker, startWorker } from './start-worker.ts';
export { readNodeIdentity } from './uids/node-identity.ts';
export { readOccupants, type UidOccupant } from './uids/read-occupants.ts';
export type { WorkerState } from './worker-state.ts';
