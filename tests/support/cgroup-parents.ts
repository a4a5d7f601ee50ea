import { existsSync } from 'node:fs';

/** A hierarchy in which cgroups of tests and workers are made: the word of the jailer's table, and its folder. */
export interface CgroupParent {
  readonly controller: string;
  readonly path: string;
}

/** The one hierarchy of cgroup v2, or those of v1 by controller. */
export const cgroupParents: readonly CgroupParent[] = existsSync('/sys/fs/cgroup/cgroup.controllers')
  ? [{ controller: 'unified', path: '/sys/fs/cgroup' }]
  : ['memory', 'pids', 'cpuacct'].map((controller) => ({ controller, path: `/sys/fs/cgroup/${controller}` }));
