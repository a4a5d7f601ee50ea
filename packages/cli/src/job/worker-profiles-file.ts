import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeTemporaryFolder } from '../fleet/make-temporary-folder.ts';
import { isModule, readProfilesFile } from './load-catalog.ts';

/**
 * The absolute path of an operator's profiles for the workers that we start. They read JSON and nothing else, as root: a module runs in this process
 * alone, and what it exports is written to a file of ours that goes when this process exits.
 */
export async function makeWorkerProfilesFile(profilesFile: string | undefined): Promise<string | undefined> {
  if (profilesFile === undefined || !isModule(profilesFile)) return profilesFile && resolve(profilesFile);
  const text = JSON.stringify(await readProfilesFile(profilesFile), null, 2);
  const folder = makeTemporaryFolder(`bullpen-profiles-${process.pid}-`);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const copy = join(folder, 'profiles.json');
  writeFileSync(copy, text, { mode: 0o600, flag: 'wx' });
  return copy;
}
