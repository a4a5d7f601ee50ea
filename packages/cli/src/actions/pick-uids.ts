import { availableParallelism } from 'node:os';
import { chooseIdRange, readHostIds, readLockedUids, readWorkerConfig, uidLockDirectory } from '@bullpen/worker';
import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { printJson, say, writeAll } from '../output/write-all.ts';
import { parseCount } from '../parse/parse-count.ts';

export interface PickUidsOptions {
  readonly count?: string;
  readonly json?: boolean;
}

/** Prints the first UID of a free range. What another worker takes meanwhile is found by its lock when the range is used. */
export async function pickUids(options: PickUidsOptions): Promise<number> {
  const count = parseCount(options.count ?? String(availableParallelism()), { option: '--count', least: 1, most: 256 });
  // The ranges are for workers that root starts, whoever asks.
  const uidLockDir = uidLockDirectory(readWorkerConfig(readCliConfig().environment), 0);
  const locked = readLockedUids(uidLockDir);
  if (locked === null)
    say(`The locks in ${uidLockDir} are root's to read: a UID that an idle slot has may be proposed.`);
  const base = chooseIdRange(count, readHostIds(), locked ?? new Set());
  if (options.json === true) await printJson({ base, last: base + count - 1, count });
  else await writeAll(process.stdout, `${base}\n`);
  return exitCodes.success;
}
