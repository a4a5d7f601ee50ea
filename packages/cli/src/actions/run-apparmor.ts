import { type Profile, renderAppArmorProfile } from '@bullpen/profiles';
import { countConfined, readLoadedProfiles, realPlaces, removeFromKernel } from '../apparmor/kernel.ts';
import { findParser, loadIntoKernel } from '../apparmor/parser.ts';
import { type AppArmorRow, describeStatus, type WantedProfile } from '../apparmor/status.ts';
import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { loadCatalog } from '../job/load-catalog.ts';
import { paint } from '../output/paint.ts';
import { renderTable } from '../output/render-table.ts';
import { printJson, say, writeAll } from '../output/write-all.ts';
import { UsageError } from '../usage-error.ts';

export type ApparmorAction = 'load' | 'status' | 'unload';

export interface ApparmorOptions {
  readonly profiles?: string;
  readonly workerLabel?: string;
  readonly json?: boolean;
}

/** Loads the profiles' AppArmor rules into this kernel, shows what is loaded, or unloads what nobody uses. Ends with the state of all. */
export async function runApparmor(action: ApparmorAction, options: ApparmorOptions): Promise<number> {
  const catalog = await loadCatalog(options.profiles);
  const wanted = catalog.profiles.map((profile) => render(profile, options.workerLabel));
  const readRows = () => describeStatus(wanted, readLoadedProfiles(realPlaces), countConfined(realPlaces));
  // Before anything else: a kernel without AppArmor needs neither root nor a parser.
  const before = readRows();
  if (action === 'status') return show(before, options, isAllEnforced(before));
  if (process.geteuid?.() !== 0)
    throw new Error("Only root may change the kernel's AppArmor profiles: run this as root.");
  if (action === 'load') {
    await loadIntoKernel(findParser(readCliConfig().searchPath), wanted);
    const rows = readRows();
    for (const { name, mode } of rows.filter(({ state }) => state === 'not-enforced')) {
      say(
        `${name} was loaded in ${mode} mode, which enforces nothing: see aa-enforce(8) and /etc/apparmor.d/force-complain.`,
      );
    }
    return show(rows, options, isAllEnforced(rows));
  }
  const kept = unload(before);
  for (const { name, processes } of kept) {
    say(
      `${name} stays: the processes under it (${processes}) would be unconfined at once. Stop the workers and try again.`,
    );
  }
  return show(readRows(), options, kept.length === 0);
}

function render(profile: Profile, workerLabel: string | undefined): WantedProfile {
  try {
    return { profile: profile.name, ...renderAppArmorProfile(profile, { workerLabel }) };
  } catch (cause) {
    throw new UsageError(`Profile ${profile.name}: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      cause,
    });
  }
}

/** Removes what no process runs under, and returns the rest. Counted anew before each: a job may have started meanwhile. */
function unload(rows: readonly AppArmorRow[]): readonly AppArmorRow[] {
  const kept: AppArmorRow[] = [];
  for (const row of rows.filter(({ mode }) => mode !== null)) {
    const processes = countConfined(realPlaces).get(row.name) ?? 0;
    if (processes > 0) kept.push({ ...row, processes });
    else removeFromKernel(realPlaces, row.name);
  }
  return kept;
}

function isAllEnforced(rows: readonly AppArmorRow[]): boolean {
  return rows.every(({ state }) => state === 'enforced' || state === 'outdated');
}

async function show(rows: readonly AppArmorRow[], options: ApparmorOptions, isSound: boolean): Promise<number> {
  if (options.json === true) await printJson(rows);
  else await writeAll(process.stdout, renderTable([heading(), ...rows.map(renderRow)]));
  return isSound ? exitCodes.success : exitCodes.failure;
}

function heading(): string[] {
  return ['PROFILE', 'APPARMOR PROFILE', 'STATE', 'MODE', 'PROCESSES'].map((word) => paint('bold', word));
}

function renderRow({ profile, name, state, mode, processes }: AppArmorRow): string[] {
  const colour = state === 'enforced' ? 'green' : 'yellow';
  return [profile, name, paint(colour, state), mode ?? '-', String(processes)];
}
