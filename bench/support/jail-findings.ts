import { renderTable } from '../../packages/cli/src/output/render-table.ts';
import type { KeeperMemory } from './keeper-memory.ts';
import { type LayerFindings, renderLayerFindings } from './layer-findings.ts';
import { type Machine, renderMachine } from './machine.ts';
import { medianOf, type Summary, summarize } from './statistics.ts';
import { judgeTarget, renderTargets, showNumber, type Target } from './target.ts';

/** One line of the table, in milliseconds; a part is included in the line above it. */
export interface JailRow {
  readonly key: string;
  readonly title: string;
  readonly isPart: boolean;
  readonly timesMs: Summary;
  /** Median over the median of the bare start in the same run. */
  readonly ratio: number;
}

/** What one run of the jail benchmark found. */
export interface JailFindings extends LayerFindings {
  readonly benchmark: 'jail';
  readonly machine: Machine;
  readonly rows: readonly JailRow[];
  readonly memory: KeeperMemory;
  readonly targets: readonly Target[];
  /** Rows that are not there, with the reason. */
  readonly leftOut: Readonly<Record<string, string | null>>;
}

const titles: readonly (readonly [string, string])[] = [
  ['bare', 'bare fork, exec and wait (C)'],
  ['run', 'command in an open jail, through the keeper (C)'],
  ['cycle', 'open, run, close: jail after jail, through the keeper (C)'],
  ['rested', 'the same, when the slot had 8 ms of rest before (C)'],
  ['node-run', 'command in an open jail, from Node'],
  ['node-cycle', 'open, run, close: jail after jail, from Node'],
  ['bubblewrap', 'bubblewrap, the same namespaces (C)'],
  ['execa', 'execa alone, no jail, from Node'],
];
const parts = ['open', 'command', 'close'];

type Samples = ReadonlyMap<string, readonly (readonly number[])[]>;

/** Rows, targets and memory of a run. */
export function summarizeJail(
  samples: Samples,
  memory: KeeperMemory,
): Pick<JailFindings, 'rows' | 'memory' | 'targets'> {
  const bareMs = medianOf(totals(samples, 'bare'));
  const makeRow = (key: string, title: string, times: readonly number[]): JailRow => {
    const timesMs = summarize(times);
    return { key, title, isPart: key.includes('.'), timesMs, ratio: timesMs.median / bareMs };
  };
  const rows = titles.flatMap(([key, title]) => {
    const measured = samples.get(key) ?? [];
    if (measured.length === 0) return [];
    const isSplit = (measured[0]?.length ?? 0) > 1;
    const split = isSplit ? parts.map((part, at) => makeRow(`${key}.${part}`, part, column(measured, at))) : [];
    return [makeRow(key, title, totals(samples, key)), ...split];
  });
  return { rows, memory, targets: judge(samples, bareMs, memory) };
}

function judge(samples: Samples, bareMs: number, { keeper }: KeeperMemory): readonly Target[] {
  const openAndClose = (samples.get('cycle') ?? []).map(([open = 0, , close = 0]) => open + close);
  return [
    judgeTarget('command in an open jail, over bare', medianOf(totals(samples, 'run')) - bareMs, {
      atMost: 1.5,
      unit: 'ms',
    }),
    judgeTarget('open and close, jail after jail', medianOf(openAndClose), { atMost: 3, unit: 'ms' }),
    judgeTarget('resident memory of a keeper', keeper.residentKiB, { atMost: 2048, unit: 'KiB' }),
  ];
}

function totals(samples: Samples, key: string): number[] {
  return (samples.get(key) ?? []).map((row) => row.reduce((sum, part) => sum + part, 0));
}

function column(rows: readonly (readonly number[])[], at: number): number[] {
  return rows.map((row) => row[at] ?? 0);
}

export function renderJailFindings(findings: JailFindings): string {
  const { machine, rows, memory, targets, leftOut } = findings;
  const notes = Object.entries(leftOut).flatMap(([row, reason]) => (reason === null ? [] : [`${row} ${reason}\n`]));
  return [
    renderMachine(machine),
    '\n',
    renderTable([
      ['milliseconds', 'median', 'p10', 'p90', 'times bare'],
      ...rows.map(({ title, isPart, timesMs: { median, p10, p90 }, ratio }) => [
        `${isPart ? '    ' : ''}${title}`,
        ...[median, p10, p90, ratio].map(showNumber),
      ]),
    ]),
    '\n',
    renderLayerFindings(findings),
    ...notes,
    '\n',
    renderTable([
      ['resident memory, KiB', 'all', 'its own'],
      ...Object.entries(memory).map(([role, { residentKiB, anonymousKiB }]) => [
        role,
        String(residentKiB),
        String(anonymousKiB),
      ]),
    ]),
    '\n',
    renderTable(renderTargets(targets)),
  ].join('');
}
