import type { Limits } from '@bullpen/profiles';
import { z } from 'zod';

const MIB = 1_048_576;
const seconds = z.number().min(0).max(1_000_000);
const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Limits by codejail's names; those that are left out keep the value of the policy. */
export const codejailLimitsSchema = z.strictObject({
  /** Seconds of CPU time of the whole run; 0 for the most that the profile allows. */
  CPU: seconds.optional(),
  /** Seconds of wall-clock time; 0 for the most that the profile allows. */
  REALTIME: seconds.optional(),
  /** Bytes of address space of each process; 0 for no limit of its own. */
  VMEM: count.optional(),
  /** Bytes of each file that the code writes; 0 means that nothing may be written. */
  FSIZE: count.optional(),
  /** Processes and threads at a time; 0 for the most that the profile allows. */
  NPROC: count.optional(),
  /** Accepted and without effect: nothing here forks a large parent. */
  PROXY: z.union([count, z.boolean()]).nullable().optional(),
});

/** Limits by codejail's names, some of them. */
export type CodejailLimits = z.output<typeof codejailLimitsSchema>;

/** Each limit with a value; PROXY, which is none, is not among them. */
export type CompleteCodejailLimits = Readonly<Record<'CPU' | 'REALTIME' | 'VMEM' | 'FSIZE' | 'NPROC', number>>;

/** codejail's own defaults: a second, fifteen processes, and no file. */
export const defaultCodejailLimits: CompleteCodejailLimits = { CPU: 1, REALTIME: 1, VMEM: 0, FSIZE: 0, NPROC: 15 };

const leastAddressSpaceBytes = 16 * MIB;
/** Above VMEM, so that a program meets its own MemoryError before the jail's memory ends: files that it wrote count there too. */
const memoryHeadroomBytes = 64 * MIB;

/**
 * codejail's limits as those of a job. `defaults` and `ceilings` are the profile's: 0 becomes the ceiling, but for VMEM, where it leaves the address
 * space unlimited as far as the ceiling allows, and FSIZE, where it is 0. A value above a ceiling is passed on, and submitting the job refuses it.
 */
export function toLimits(
  limits: CompleteCodejailLimits,
  { defaults, ceilings }: { readonly defaults: Limits; readonly ceilings: Limits },
): Partial<Limits> {
  return {
    wallTimeMs: limits.REALTIME === 0 ? ceilings.wallTimeMs : toMilliseconds(limits.REALTIME),
    cpuTimeMs: limits.CPU === 0 ? ceilings.cpuTimeMs : toMilliseconds(limits.CPU),
    processes: limits.NPROC === 0 ? ceilings.processes : limits.NPROC,
    fileSizeBytes: limits.FSIZE,
    ...(limits.VMEM === 0
      ? { addressSpaceBytes: ceilings.addressSpaceBytes }
      : {
          addressSpaceBytes: Math.max(leastAddressSpaceBytes, limits.VMEM),
          memoryBytes: Math.min(
            ceilings.memoryBytes,
            Math.max(defaults.memoryBytes, limits.VMEM + memoryHeadroomBytes),
          ),
        }),
  };
}

function toMilliseconds(duration: number): number {
  return Math.max(1, Math.ceil(duration * 1000));
}
