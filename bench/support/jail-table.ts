import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readProgramVersion } from '@bullpen/jailer';
import { builtinProfiles, makeNodeHost, renderJailerTable, resolveProfile } from '@bullpen/profiles';
import { chooseIdRange, discoverCgroups, readHostIds } from '@bullpen/worker';

/** Where the jail shows the programs of the benchmark. */
export const shownAt = '/opt/bench';

export interface JailTable {
  readonly file: string;
  remove(): void;
}

/**
 * Writes a table with one slot and the built-in profile `bash`, as a worker would write it, whose view also shows the folder
 * `programs`. Throws a sentence when this host cannot run the profile.
 */
export async function makeJailTable(programs: string): Promise<JailTable> {
  const profile = builtinProfiles.find(({ name }) => name === 'bash');
  if (profile === undefined) throw new Error('There is no built-in profile bash.');
  const shown = { source: programs, target: shownAt, access: 'execute', optional: false } as const;
  const host = makeNodeHost({ version: readProgramVersion });
  const resolved = await resolveProfile({ ...profile, view: [...profile.view, shown] }, host);
  if (!resolved.available) throw new Error(`The benchmark needs the profile bash: ${resolved.reason}.`);
  const directory = mkdtempSync('/run/bullpen-bench-');
  const runDir = join(directory, 'run');
  mkdirSync(runDir, { mode: 0o700 });
  const uid = chooseIdRange(1, readHostIds());
  const cgroups = Object.entries(discoverCgroups()).map(([controller, parent]) => [
    controller,
    join(parent, basename(directory)),
  ]);
  const file = join(directory, 'table');
  writeFileSync(
    file,
    renderJailerTable({
      runDir,
      mode: 'root',
      slots: [{ uid, gid: uid }],
      cgroups: Object.fromEntries(cgroups) as ReturnType<typeof discoverCgroups>,
      profiles: [resolved],
    }),
  );
  chmodSync(file, 0o600);
  return { file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
