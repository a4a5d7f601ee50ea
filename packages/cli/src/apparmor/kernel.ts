import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type LoadedProfiles, parseLoadedProfiles } from '@bullpen/profiles';

/** Where the kernel shows itself; another folder in tests. */
export interface KernelPlaces {
  readonly proc: string;
  readonly sys: string;
}

export const realPlaces: KernelPlaces = { proc: '/proc', sys: '/sys' };

/** Whether this kernel has AppArmor, and has it switched on. */
export function isAppArmorEnabled({ sys }: KernelPlaces): boolean {
  return readOrNull(`${sys}/module/apparmor/parameters/enabled`)?.trim() === 'Y';
}

/** The AppArmor profiles that this kernel has loaded. Throws a sentence when it has no AppArmor, or shows its list to others only. */
export function readLoadedProfiles(places: KernelPlaces): LoadedProfiles {
  const { sys } = places;
  if (!isAppArmorEnabled(places)) {
    throw new Error('This kernel has no AppArmor, or has it switched off: boot one with apparmor=1.');
  }
  try {
    return parseLoadedProfiles(readFileSync(`${sys}/kernel/security/apparmor/profiles`, 'utf8'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new Error("Only root may read the kernel's list of AppArmor profiles: run this as root.", { cause });
    }
    throw new Error(
      `The kernel's list of AppArmor profiles cannot be read (${code}): mount it with "mount -t securityfs securityfs ${sys}/kernel/security".`,
      { cause },
    );
  }
}

/** How many processes run under each AppArmor profile, alone or in a stack. */
export function countConfined({ proc }: KernelPlaces): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pid of readdirSync(proc).filter((name) => /^\d+$/.test(name))) {
    for (const name of profilesOfLabel(readOrNull(`${proc}/${pid}/attr/apparmor/current`) ?? '')) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

/** Takes a profile out of the kernel. A process that runs under it is unconfined from that moment. */
export function removeFromKernel({ sys }: KernelPlaces, name: string): void {
  writeFileSync(`${sys}/kernel/security/apparmor/.remove`, name);
}

/** `NAME (enforce)` or `NAME//&OTHER (enforce)`. */
function profilesOfLabel(label: string): readonly string[] {
  return label
    .trim()
    .replace(/ \([a-z]+\)$/, '')
    .split('//&')
    .filter((name) => name !== '');
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // not there; or a process that has ended meanwhile, or ends
  }
}
