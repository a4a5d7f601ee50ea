import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCatalog } from '@bullpen/profiles';

/** A profile bash whose view a test can spoil while a worker runs, so that probes fail which passed before. */
export interface SpoiledView {
  /** For BULLPEN_PROFILES_FILE. */
  readonly profilesFile: string;
  /** From now on jails show a file of the host that they must not: the probe "the host's files cannot be read" fails. */
  spoil(): void;
  mend(): void;
  /** From now on no program runs. */
  breakBash(): void;
  remove(): void;
}

/** Makes a folder of the host with a bash, whose profile also shows the folder `home` as /root. */
export function makeSpoiledView(): SpoiledView {
  const bash = createCatalog().get('bash');
  if (bash === undefined) throw new Error('There is no profile bash.');
  const folder = mkdtempSync('/var/tmp/bullpen-probes-');
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'home'), { mode: 0o755 });
  copyFileSync('/bin/bash', join(folder, 'bash'));
  const profile = {
    ...bash,
    version: 99,
    toolchain: { ...bash.toolchain, programs: [join(folder, 'bash')], mountAt: '/opt/bash' },
    view: [...bash.view, { source: join(folder, 'home'), target: '/root', access: 'read', optional: false }],
  };
  const profilesFile = join(folder, 'profiles.json');
  writeFileSync(profilesFile, JSON.stringify([profile]));
  const shown = join(folder, 'home/.bashrc');
  return {
    profilesFile,
    spoil: () => writeFileSync(shown, 'umask 077\n', { mode: 0o644 }),
    mend: () => rmSync(shown),
    breakBash: () => chmodSync(join(folder, 'bash'), 0),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
