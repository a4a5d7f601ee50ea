import { renderAppArmorProfile } from '@bullpen/profiles';
import { isAppArmorEnabled, realPlaces, removeFromKernel } from '../../packages/cli/src/apparmor/kernel.ts';
import { loadIntoKernel, lookForParser } from '../../packages/cli/src/apparmor/parser.ts';
import { readCliConfig } from '../../packages/cli/src/config.ts';
import { resolveBash } from './jail-table.ts';

/** What the benchmark's programs are confined by on a kernel with AppArmor. */
export interface BenchAppArmor {
  readonly name: string;
  unload(): void;
}

/** Why the benchmark's jails have no AppArmor; null when they have. */
export function whyNoAppArmor(): string | null {
  if (!isAppArmorEnabled(realPlaces)) return 'left out: this kernel has no AppArmor';
  if (lookForParser(readCliConfig().searchPath) !== null) return null;
  return 'left out: apparmor_parser is not installed (Debian: apt-get install apparmor)';
}

/** Loads the rules of the profile `bash` that also let the folder `programs` be executed; null where `whyNoAppArmor` has a reason. */
export async function loadBenchAppArmor(programs: string): Promise<BenchAppArmor | null> {
  const parser = lookForParser(readCliConfig().searchPath);
  if (whyNoAppArmor() !== null || parser === null) return null;
  const { profile } = await resolveBash(programs, 'root');
  const rules = renderAppArmorProfile(profile);
  await loadIntoKernel(parser, [rules]);
  return { name: rules.name, unload: () => removeFromKernel(realPlaces, rules.name) };
}
