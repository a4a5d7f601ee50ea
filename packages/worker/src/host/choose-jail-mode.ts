import type { JailMode } from '@bullpen/profiles';
import type { WorkerConfig } from '../config.ts';
import { type Capability, holds, type Powers } from './powers.ts';

const ofClassic: readonly Capability[] = ['SETUID', 'SETGID', 'KILL', 'CHOWN'];
/** The first ABI that keeps signals inside: what protects a worker from programs of its own user. */
const landlockOfRestricted = 6;

/**
 * How this worker makes its jails: what the configuration asks for, or the highest rung that this process's privileges reach. Throws a sentence
 * that says what is missing, and what to do, when they do not reach the one asked for.
 */
export async function chooseJailMode(config: Pick<WorkerConfig, 'jail' | 'slots'>, powers: Powers): Promise<JailMode> {
  const jail = config.jail === 'auto' ? await chooseRung(powers) : config.jail;
  switch (jail) {
    case 'namespaces':
      return chooseNamespaces(powers);
    case 'classic':
      assertClassic(powers);
      return 'classic';
    case 'restricted':
      await assertRestricted(config, powers);
      return 'restricted';
    default:
      throw new Error(`There is no jail ${String(jail satisfies never)}.`);
  }
}

type Rung = Exclude<WorkerConfig['jail'], 'auto'>;

async function chooseRung(powers: Powers): Promise<Rung> {
  if (powers.uid === 0) return holds(powers, 'SYS_ADMIN') ? 'namespaces' : 'classic';
  return (await powers.canMakeUserNamespaces()) ? 'namespaces' : 'restricted';
}

function chooseNamespaces(powers: Powers): 'root' | 'userns' {
  if (powers.uid !== 0) return 'userns';
  if (holds(powers, 'SYS_ADMIN')) return 'root';
  throw new Error(
    'jail is "namespaces", and this process is root without CAP_SYS_ADMIN: give the container that capability, start the worker as an ordinary user, or set jail to "classic".',
  );
}

function assertClassic(powers: Powers): void {
  const missing = powers.uid === 0 ? ofClassic.filter((name) => !holds(powers, name)) : ofClassic;
  if (missing.length === 0) return;
  const names = missing.map((name) => `CAP_${name}`).join(', ');
  if (powers.uid === 0) {
    throw new Error(
      `A worker that is root needs CAP_SYS_ADMIN, or CAP_SETUID, CAP_SETGID, CAP_KILL and CAP_CHOWN for classic jails, and has no ${names}: ` +
        'add them, or start it as an ordinary user.',
    );
  }
  throw new Error(
    `jail is "classic", which needs root with ${names}, and this process is user ${powers.uid}: start it as root, or set jail to "restricted".`,
  );
}

async function assertRestricted({ slots }: Pick<WorkerConfig, 'slots'>, powers: Powers): Promise<void> {
  if (powers.uid === 0 || powers.capabilities !== 0n) {
    throw new Error(
      `Restricted jails run programs as the worker's own user, which must be an ordinary one without capabilities, and this process is user ${powers.uid} ` +
        `with the capabilities 0x${powers.capabilities.toString(16)}: drop all of them and start it as another user, or set jail to "classic".`,
    );
  }
  if (slots !== 1) {
    throw new Error(
      `slots is ${slots}, and a worker of restricted jails has exactly 1, since all its programs have one user: set slots (BULLPEN_SLOTS) to 1 and start more workers, each as another user.`,
    );
  }
  const abi = await powers.landlockAbi();
  if (abi >= landlockOfRestricted) return;
  throw new Error(
    `Restricted jails need Landlock of ABI ${landlockOfRestricted} or newer (Linux 6.12), which keeps their signals from the worker, and this kernel has ${abi === 0 ? 'none' : `ABI ${abi}`}: ` +
      'start the worker as root, or where it can make user namespaces.',
  );
}
