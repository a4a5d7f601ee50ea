/** A number that Bullpen promises, and what this run measured. */
export interface Target {
  readonly name: string;
  readonly measured: number;
  /** Whether the measured number may be at most or must be at least the bound; the bound itself meets it. */
  readonly side: 'at most' | 'at least';
  readonly bound: number;
  readonly unit: Unit;
  readonly met: boolean;
}

type Unit = 'ms' | 'KiB' | '1/s' | 'times';

type Bound = { readonly unit: Unit } & ({ readonly atMost: number } | { readonly atLeast: number });

export function judgeTarget(name: string, measured: number, bound: Bound): Target {
  const { unit } = bound;
  return 'atMost' in bound
    ? { name, measured, unit, side: 'at most', bound: bound.atMost, met: measured <= bound.atMost }
    : { name, measured, unit, side: 'at least', bound: bound.atLeast, met: measured >= bound.atLeast };
}

/** Rows for a table. */
export function renderTargets(targets: readonly Target[]): string[][] {
  return [
    ['target', 'bound', 'measured', ''],
    ...targets.map(({ name, side, bound, measured, unit, met }) => [
      name,
      `${side} ${bound} ${unit}`,
      `${showNumber(measured)} ${unit}`,
      met ? 'pass' : 'MISS',
    ]),
  ];
}

/** Three digits, or all before the point. */
export function showNumber(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
