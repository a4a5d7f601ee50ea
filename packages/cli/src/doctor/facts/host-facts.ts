import type { AppArmorState, JailMode } from '@bullpen/profiles';
import type { LayerName } from '@bullpen/protocol';

/** All that the checks know of a host, and of the configuration that its workers get. Read in one place: `readHostFacts`. */
export interface HostFacts {
  /** A sentence about settings or a profiles file that are wrong; the other facts are then those of the defaults. */
  readonly configurationProblem: string | null;
  /** Release, as `uname -r` says it. */
  readonly kernel: string;
  /** 0 without Landlock. */
  readonly landlockAbi: number;
  readonly user: UserFacts;
  /** How a worker makes its jails here, or in one sentence why it makes none. */
  readonly jail: { readonly mode: JailMode } | { readonly mode: null; readonly refusal: string };
  /** Jobs at a time. */
  readonly slots: number;
  /** Layers without which a worker runs nothing: of each list one at least. */
  readonly floor: readonly (readonly LayerName[])[];
  /** Whether execution is enabled: always with the default floor, by the operator's word with another one. */
  readonly isEnabled: boolean;
  readonly apparmor: AppArmorFacts;
  readonly cgroups: CgroupFacts;
  /** Swap devices and files in use. */
  readonly swaps: readonly string[];
  readonly locks: LockDirectoryFacts;
  readonly uids: UidFacts;
}

export interface UserFacts {
  readonly uid: number;
  /** Effective capabilities that jails with namespaces need and this process lacks; empty for an ordinary user, who gets them with the namespaces. */
  readonly missingCapabilities: readonly string[];
  /** Whether an ordinary user gets namespaces, tried for real. Null for root, who needs none. */
  readonly canMakeUserNamespaces: boolean | null;
  /** Kernel settings that can forbid them; null where the kernel has no such setting. */
  readonly unprivilegedUsernsClone: number | null;
  readonly maxUserNamespaces: number | null;
  readonly apparmorRestrictsUserns: number | null;
}

export interface AppArmorFacts {
  readonly enabled: boolean;
  readonly setting: 'required' | 'when-loaded' | 'off';
  /** Path of apparmor_parser. */
  readonly parser: string | null;
  /** What the kernel has of each profile that workers can run here; null when this user may not read its list. */
  readonly profiles: readonly AppArmorProfileFacts[] | null;
  /** The files of deploy/apparmor that are not what the profiles make. Null where the folder is not delivered. */
  readonly files: readonly { readonly file: string; readonly state: 'edited' | 'missing' }[] | null;
}

export interface AppArmorProfileFacts {
  readonly profile: string;
  readonly name: string;
  readonly state: AppArmorState;
  /** Mode of a profile that is not enforced. */
  readonly mode: string | null;
  /** Whether the kernel's rules are those that the profile makes; null when nobody could compare them. */
  readonly isGenuine: boolean | null;
}

export interface CgroupFacts {
  /** The hierarchy that limits memory on this host; null when there is none. */
  readonly version: 1 | 2 | null;
  /** Where this process's own cgroup lies in it. */
  readonly directory: string | null;
  /** Whether a worker can make and limit cgroups of its own below. */
  readonly isUsable: boolean;
  /** What keeps it from that, as a clause; null when it is usable. */
  readonly obstacle: string | null;
  /** Whether swap counts into its memory limits; null when it is not usable. */
  readonly countsSwap: boolean | null;
}

export interface LockDirectoryFacts {
  readonly directory: string;
  /** Null when it does not exist: a jailer makes it. */
  readonly found: { readonly kind: 'directory' | 'other'; readonly uid: number; readonly mode: number } | null;
  /** Who the jailer will be. */
  readonly jailerUid: number;
  /** Locks in it, and whether a living jailer holds them. Null when they may not be read. */
  readonly locks: readonly { readonly uid: number; readonly isHeld: boolean }[] | null;
}

export interface UidFacts {
  /** UIDs that the configuration pins; empty when a worker chooses by itself. */
  readonly pinned: readonly number[];
  /** Processes that have one of them and are no worker's. */
  readonly occupants: readonly { readonly uid: number; readonly pid: number }[];
  /** Leases of them in the fleet's Redis. Null when no Redis was named, or it did not answer. */
  readonly leases: readonly UidLeaseFacts[] | null;
}

export interface UidLeaseFacts {
  readonly uid: number;
  readonly worker: string;
  /** Milliseconds; null when it never does. */
  readonly runsOutInMs: number | null;
}
