import type { JailLayer } from '@bullpen/jailer';
import type { ResolvedProfile } from '@bullpen/profiles';
import type { Receipt } from '@bullpen/protocol';

/** What is the same for all jobs of a worker. */
export interface WorkerFacts {
  readonly workerId: string;
  readonly jailerVersion: string;
  readonly kernel: string;
}

/** Says what confined a job: the layers that were measured in its own jail, and everything that could change what its programs did. */
export function makeReceipt(
  worker: WorkerFacts,
  jail: { readonly layers: readonly JailLayer[] },
  where: {
    readonly slot: { readonly index: number; readonly uid: number };
    readonly profile: ResolvedProfile;
    readonly provenAt: number;
  },
): Receipt {
  const { profile, digest, toolchainVersion } = where.profile;
  return {
    layers: jail.layers.map(({ name, detail }) => ({ name, detail })),
    profile: { name: profile.name, version: profile.version, digest },
    toolchain: toolchainVersion,
    jailer: worker.jailerVersion,
    kernel: worker.kernel,
    worker: worker.workerId,
    slot: where.slot.index,
    uid: where.slot.uid,
    provenAt: where.provenAt,
  };
}
