/** A number that Bullpen promises, and what this run measured. */
export interface Target {
  readonly name: string;
  readonly measured: number;
  /** The target is met up to and including this. */
  readonly atMost: number;
  readonly unit: 'ms' | 'KiB';
  readonly met: boolean;
}

export function judgeTarget(name: string, measured: number, bound: Pick<Target, 'atMost' | 'unit'>): Target {
  return { name, measured, ...bound, met: measured <= bound.atMost };
}

/** Rows for a table. */
export function renderTargets(targets: readonly Target[]): string[][] {
  return [
    ['target', 'at most', 'measured', ''],
    ...targets.map(({ name, atMost, measured, unit, met }) => [
      name,
      `${atMost} ${unit}`,
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
