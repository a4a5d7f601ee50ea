import { readFileSync } from 'node:fs';
import { readFeatures, readProgramVersion } from '@bullpen/jailer';

/** The capabilities that decide which jails a worker can make, and their bits. */
export const capabilityBits = { CHOWN: 0, KILL: 5, SETGID: 6, SETUID: 7, SYS_ADMIN: 21 } as const;
export type Capability = keyof typeof capabilityBits;

/** What this process may do on its host, as far as jails are concerned. */
export interface Powers {
  readonly uid: number;
  readonly gid: number;
  /** Effective capabilities, as the kernel's bits. */
  readonly capabilities: bigint;
  /** ABI of the kernel's Landlock, 0 without one. */
  landlockAbi(): Promise<number>;
  /** Whether an ordinary user gets namespaces with mounts and a /proc of its own here: really tried. */
  canMakeUserNamespaces(): Promise<boolean>;
}

/** Asks this process's kernel. `jailer` is the path of the jailer's program. */
export function readPowers(jailer: string): Powers {
  return {
    uid: process.geteuid?.() ?? 0,
    gid: process.getegid?.() ?? 0,
    capabilities: parseCapabilities(readFileSync('/proc/self/status', 'utf8')),
    landlockAbi: async () => Number((await readFeatures(jailer)).get('landlock') ?? 0),
    canMakeUserNamespaces,
  };
}

export function holds({ capabilities }: Pick<Powers, 'capabilities'>, capability: Capability): boolean {
  return (capabilities & (1n << BigInt(capabilityBits[capability]))) !== 0n;
}

export function parseCapabilities(status: string): bigint {
  const [, digits = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return BigInt(`0x${digits}`);
}

/**
 * Some systems let anybody make a user namespace and then refuse every mount in it, or a new /proc, so both are tried. Where the program
 * `unshare` is missing nobody can tell, which counts as no: the configuration can say `namespaces`.
 */
async function canMakeUserNamespaces(): Promise<boolean> {
  const kinds = ['--user', '--map-root-user', '--mount', '--pid', '--ipc', '--uts', '--net', '--fork', '--mount-proc'];
  try {
    await readProgramVersion('unshare', [...kinds, 'true']);
    return true;
  } catch {
    return false; // whichever of them was refused: jails need all
  }
}
