import { type Catalog, type Limits, type Profile, resolveLimits } from '@bullpen/profiles';
import { byteLength } from './bytes.ts';
import { BullpenError } from './errors.ts';
import { directoriesOf, type FileTree } from './file-tree.ts';
import type { Job } from './job.ts';
import { resolvedCommands, withLimitErrors } from './resolve-commands.ts';

/**
 * Checks a parsed job against the profiles of this process and returns its profile. Throws `unknown-profile`,
 * `limit-above-ceiling`, or `invalid-job` when its files, arguments or environment cannot fit in the jail.
 */
export function checkJob(job: Job, catalog: Catalog): Profile {
  const profile = catalog.get(job.profile);
  if (profile === undefined) {
    const known = catalog.profiles.map(({ name }) => name).join(', ');
    throw new BullpenError('unknown-profile', `profile must be one of ${known}, got ${JSON.stringify(job.profile)}`);
  }
  checkFiles(job.files, job.directories ?? [], jobLimits(job, profile));
  resolvedCommands(job, profile);
  return profile;
}

/** Every limit of the job as a whole; `diskBytes` and `diskFiles` are what its jail is opened with. Throws `limit-above-ceiling`. */
export function jobLimits(job: Job, profile: Profile): Limits {
  return withLimitErrors('', () => resolveLimits(profile, job.limits));
}

/** The jail's file system counts whole pages, and entries of its own. */
const PAGE_BYTES = 4096;
const OWN_ENTRIES = 8;

/** Checked before the job travels, since a jail that cannot hold its files would look like a fault. */
function checkFiles(files: FileTree, directories: readonly string[], limits: Limits): void {
  let bytes = 0;
  for (const { content } of files) bytes += Math.ceil(byteLength(content) / PAGE_BYTES) * PAGE_BYTES;
  if (bytes > limits.diskBytes) {
    throw new BullpenError(
      'invalid-job',
      `files take ${bytes} bytes on disk, more than limits.diskBytes ${limits.diskBytes}: raise the limit or send less`,
    );
  }
  const entries = files.length + allDirectories(files, directories).size + OWN_ENTRIES;
  if (entries > limits.diskFiles) {
    throw new BullpenError(
      'invalid-job',
      `files and their directories need ${entries} entries, more than limits.diskFiles ${limits.diskFiles}: raise the limit or send fewer`,
    );
  }
}

/** Those that files need and those that were asked for, with the ones above them. Throws `invalid-job` when one is a file's path, too. */
function allDirectories(files: FileTree, asked: readonly string[]): Set<string> {
  const all = new Set([...asked, ...directoriesOf([...files, ...asked.map((path) => ({ path }))])]);
  const file = files.find(({ path }) => all.has(path));
  if (file !== undefined) {
    throw new BullpenError(
      'invalid-job',
      `directories must not need a directory where files has a file, got ${JSON.stringify(file.path)} as both: rename one of them`,
    );
  }
  return all;
}
