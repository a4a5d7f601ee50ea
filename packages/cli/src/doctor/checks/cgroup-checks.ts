import { check } from '../finding.ts';

export const cgroupChecks = [
  check('cgroup', ({ cgroups, floor }) => {
    const { version, directory, isUsable, obstacle } = cgroups;
    if (isUsable) return ['ok', `A worker can make cgroups of version ${version} below ${directory}.`];
    const remedies = {
      1: 'start the worker as root, with the hierarchies of memory, pids and cpuacct mounted writable',
      2: 'give the worker a delegated cgroup, and put it into a child of that by the name of worker (systemd: Delegate=yes and DelegateSubgroup=worker; containers: docs/confinement.md)',
    };
    const remedy = remedies[version ?? 2];
    const state = floor.some((alternatives) => alternatives.length === 1 && alternatives[0] === 'cgroup')
      ? 'fault'
      : 'note';
    return [
      state,
      `A worker cannot use cgroups, and limits hold for each process alone, since ${obstacle}: ${remedy}.`,
    ];
  }),

  check('swap', ({ cgroups: { version, isUsable, countsSwap }, swaps }) => {
    if (swaps.length === 0) return ['ok', 'No swap is in use.'];
    if (countsSwap === true)
      return ['ok', `Swap is in use (${swaps.join(', ')}), and counts into the memory limits of jobs.`];
    const off = 'switch it off (swapoff -a)';
    if (!isUsable)
      return [
        'note',
        `Swap is in use (${swaps.join(', ')}), and without a memory cgroup nothing keeps jobs from filling it: ${off}.`,
      ];
    const file = version === 1 ? 'memory.memsw.limit_in_bytes' : 'memory.swap.max';
    const sentence =
      `Swap is in use (${swaps.join(', ')}) and the kernel does not count it (no ${file}), so jobs could exceed their memory limits: ` +
      `${off}, or boot with swapaccount=1.`;
    return ['fault', sentence];
  }),
] as const;
