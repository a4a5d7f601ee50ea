import { fileURLToPath } from 'node:url';
import type { JailMode } from '@bullpen/profiles';
import type { BenchAppArmor } from './bench-apparmor.ts';
import { makeJailTable } from './jail-table.ts';
import type { JailVariant } from './jail-variants.ts';
import { type NativeStopwatch, startStopwatch } from './native-stopwatch.ts';
import type { BenchContext } from './run-benchmark.ts';
import type { Contestant } from './take-turns.ts';

/** The test build, for all variants: so they differ in what they leave out alone. */
const jailer = fileURLToPath(new URL('../../packages/jailer/build/bullpen-jailer-sabotage', import.meta.url));

export interface VariantParts {
  /** The folder with the program `nothing`, and the client that measures. */
  readonly programs: string;
  readonly keeperClient: string;
  readonly apparmor: BenchAppArmor | null;
}

/** Starts the jailer of a variant with a client that measures it. */
export async function startVariant(
  variant: JailVariant,
  { programs, keeperClient, apparmor }: VariantParts,
  { closers }: BenchContext,
): Promise<NativeStopwatch> {
  const table = await makeJailTable({
    programs,
    mode: variant.mode,
    cgroups: variant.cgroups,
    apparmor: variant.apparmor ? apparmor?.name : undefined,
  });
  closers.push(() => table.remove());
  const leaveOut = variant.leaveOut.flatMap((step) => ['--leave-out', step]);
  const words = [...privileges(variant.mode, table.uid), jailer, ...leaveOut];
  const stopwatch = startStopwatch(keeperClient, [table.file, `${table.shownAt}/nothing`, ...words]);
  closers.push(() => stopwatch.close());
  return stopwatch;
}

/**
 * Two jails that are compared: one batch right behind the other, who is first taking turns. A row has the measurements of the first, then those of the
 * second.
 */
export function comparePair(
  key: string,
  [one, other]: readonly [NativeStopwatch, NativeStopwatch],
): readonly Contestant[] {
  return ['run', 'cycle'].map((what) => {
    let turn = 0;
    return {
      name: `${key}/${what}`,
      async measure(count) {
        turn += 1;
        const early = turn % 2 === 0 ? other : one;
        const late = early === one ? other : one;
        const rows = new Map([[early, await early.measure(what, count)]]);
        rows.set(late, await late.measure(what, count));
        return (rows.get(one) ?? []).map((row, index) => [...row, ...(rows.get(other)?.[index] ?? [])]);
      },
    };
  });
}

const setpriv = '/usr/bin/setpriv';

/** What a rung's jailer has of root\u2019s privileges: words that give up the rest. */
function privileges(mode: JailMode, uid: number): readonly string[] {
  const asUser = [setpriv, '--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
  switch (mode) {
    case 'root':
      return [];
    case 'userns':
      return asUser;
    case 'classic':
      return [setpriv, '--bounding-set=-all,+setuid,+setgid,+kill,+chown', '--inh-caps=-all'];
    case 'restricted':
      return [...asUser, '--bounding-set=-all', '--inh-caps=-all'];
  }
}
