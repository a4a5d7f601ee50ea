import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { findFleet } from '../fleet/find-fleet.ts';
import { readFleetState } from '../fleet/state-file.ts';
import { podSettings } from '../fleet/pod-settings.ts';
import { startWorkerProcess } from '../fleet/worker-process.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { makeWorkerProfilesFile } from '../job/worker-profiles-file.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { say } from '../output/write-all.ts';
import { parseCount } from '../parse/parse-count.ts';

export interface WorkerOptions {
  readonly slots?: string;
  readonly redis?: string;
  readonly profiles?: string;
}

/** Above the worker's own longest grace for running jobs: it is the one to decide. */
const closeGraceMs = 3_700_000;

/** Runs one worker until it is told to stop, with its log on our stderr. */
export async function runWorker(options: WorkerOptions): Promise<number> {
  const config = readCliConfig();
  await loadCatalog(options.profiles);
  const profilesFile = await makeWorkerProfilesFile(options.profiles);
  // It may name what no option can: Sentinels, or the nodes of a cluster.
  const isNamed = options.redis === undefined && (config.environment['BULLPEN_REDIS'] ?? '') !== '';
  const redis = isNamed ? null : findFleet(options.redis, config);
  const note = readFleetState(config.stateDir);
  const worker = startWorkerProcess({
    environment: config.environment,
    settings: {
      ...podSettings(config.environment),
      ...(redis === null ? {} : { BULLPEN_REDIS: redis }),
      // The private Redis of root's `up` lets in one user alone.
      ...(note?.workerUid === undefined || note.redis !== redis ? {} : { BULLPEN_WORKER_UID: String(note.workerUid) }),
      ...(options.slots === undefined
        ? {}
        : { BULLPEN_SLOTS: String(parseCount(options.slots, { option: '--slots', least: 1, most: 256 })) }),
      ...(profilesFile === undefined ? {} : { BULLPEN_PROFILES_FILE: profilesFile }),
    },
    log: 'inherit',
  });
  const forget = onInterrupt({ first: () => void worker.close(closeGraceMs), second: () => worker.kill() });
  const ending = await worker.ended;
  forget();
  if (ending.exitCode === 0) return exitCodes.success;
  say(`The worker ended (${ending.failure ?? 'for an unknown reason'}): the last line of its log says why.`);
  return exitCodes.fault;
}
