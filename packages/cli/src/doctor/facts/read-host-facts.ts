import { readFileSync } from 'node:fs';
import type { JailMode, ResolvedProfile } from '@bullpen/profiles';
import {
  chooseJailMode,
  isDefaultFloor,
  loadProfiles,
  type Powers,
  readPowers,
  readSwaps,
  readWorkerConfig,
  resolveWorkerConfig,
  type WorkerConfig,
} from '@bullpen/worker';
import { messageOf } from '../../message-of.ts';
import type { HostFacts, UserFacts } from './host-facts.ts';
import { readAppArmorFacts } from './read-apparmor-facts.ts';
import { readCgroupFacts } from './read-cgroup-facts.ts';
import { readLockFacts } from './read-lock-facts.ts';
import { readUidFacts } from './read-uid-facts.ts';

export interface FactSources {
  /** The jailer's program. */
  readonly jailer: string;
  /** What it says of the kernel. */
  readonly features: ReadonlyMap<string, string>;
  /** With the `BULLPEN_...` settings that a worker started from here would get. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly searchPath: string;
  /** The fleet's Redis, when one was named. */
  readonly redis: string | null;
}

/** Reads everything that the checks judge: of this kernel, of this host, and of the configuration of its workers. */
export async function readHostFacts(sources: FactSources): Promise<HostFacts> {
  const configuration = readConfig(sources.environment);
  const { config } = configuration;
  const powers = readPowers(sources.jailer);
  const user = await readUserFacts(powers);
  const jail = await chooseJail(config, powers, user);
  const profiles = await readProfiles(config, jail.mode ?? 'root');
  const locks = await readLockFacts(config, powers.uid);
  return {
    configurationProblem: configuration.problem ?? profiles.problem,
    kernel: sources.features.get('kernel') ?? 'unknown',
    landlockAbi: Number(sources.features.get('landlock') ?? 0),
    user,
    jail,
    slots: config.slots,
    floor: config.floor,
    isEnabled: config.enabled ?? isDefaultFloor(config.floor),
    apparmor: await readAppArmorFacts(config, profiles.available, sources.searchPath),
    cgroups: readCgroupFacts(),
    swaps: readSwaps(),
    locks,
    uids: await readUidFacts(config, locks, sources.redis),
  };
}

/** Where the configuration is wrong, the defaults show what else there is to say. */
function readConfig(environment: FactSources['environment']): { config: WorkerConfig; problem: string | null } {
  try {
    return { config: readWorkerConfig(environment), problem: null };
  } catch (error) {
    return { config: resolveWorkerConfig({}), problem: messageOf(error) };
  }
}

async function readProfiles(
  { profilesFile }: WorkerConfig,
  mode: JailMode,
): Promise<{ available: readonly ResolvedProfile[]; problem: string | null }> {
  try {
    return { available: (await loadProfiles(profilesFile, mode)).available, problem: null };
  } catch (error) {
    return { available: (await loadProfiles(null, mode)).available, problem: messageOf(error) };
  }
}

async function readUserFacts(powers: Powers): Promise<UserFacts> {
  return {
    uid: powers.uid,
    missingCapabilities: powers.uid === 0 ? findMissingCapabilities(powers.capabilities) : [],
    canMakeUserNamespaces: powers.uid === 0 ? null : await powers.canMakeUserNamespaces(),
    unprivilegedUsernsClone: readNumber('/proc/sys/kernel/unprivileged_userns_clone'),
    maxUserNamespaces: readNumber('/proc/sys/user/max_user_namespaces'),
    apparmorRestrictsUserns: readNumber('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
  };
}

/** What a worker of root with namespaces uses, by the kernel's numbers. */
const neededBits = { CHOWN: 0, KILL: 5, SETGID: 6, SETUID: 7, SETPCAP: 8, SYS_ADMIN: 21 };

export function findMissingCapabilities(capabilities: bigint): readonly string[] {
  return Object.entries(neededBits).flatMap(([name, bit]) =>
    (capabilities & (1n << BigInt(bit))) === 0n ? [`CAP_${name}`] : [],
  );
}

/** By the worker's own choice. Of slots there is a check of its own. */
async function chooseJail(config: WorkerConfig, powers: Powers, user: UserFacts): Promise<HostFacts['jail']> {
  try {
    const tried = { ...powers, canMakeUserNamespaces: async () => user.canMakeUserNamespaces ?? false };
    return { mode: await chooseJailMode({ jail: config.jail, slots: 1 }, tried) };
  } catch (error) {
    return { mode: null, refusal: messageOf(error) };
  }
}

function readNumber(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return null; // this kernel has no such setting, or the container hides it
  }
}
