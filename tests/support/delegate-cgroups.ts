import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupParents } from './cgroup-parents.ts';

/** Cgroups that were handed to a worker, as a container or a service is given its own. */
export interface DelegatedCgroups {
  /** In which its jailer makes cgroups. */
  readonly parents: readonly string[];
  /** Words of a program that puts itself there and then becomes the worker. */
  readonly launcher: readonly string[];
  /** The worker has ended. */
  remove(): void;
}

const enter = 'while [ "$1" != -- ]; do echo $$ > "$1/cgroup.procs"; shift; done; shift; exec "$@"';

/** Makes a cgroup in each hierarchy. One of version 2 must have no process itself, so the worker then lives in one below. */
export function delegateCgroups(name: string): DelegatedCgroups {
  const made = cgroupParents.map(({ controller, path }) => {
    const parent = join(path, name);
    mkdirSync(parent);
    if (controller !== 'unified') return { parent, leaf: parent };
    mkdirSync(join(parent, 'worker'));
    return { parent, leaf: join(parent, 'worker') };
  });
  return {
    parents: made.map(({ parent }) => parent),
    launcher: ['sh', '-c', enter, 'enter', ...made.map(({ leaf }) => leaf), '--'],
    remove() {
      for (const { parent } of made) removeCgroup(parent);
    },
  };
}

function removeCgroup(path: string): void {
  for (const name of readdirSync(path)) {
    if (statSync(join(path, name)).isDirectory()) removeCgroup(join(path, name));
  }
  rmdirSync(path);
}
