import { renderTable } from '../../packages/cli/src/output/render-table.ts';
import { type JailVariant, rungs, wholeJail, withoutLayer } from './jail-variants.ts';
import { type Summary, summarize } from './statistics.ts';
import { showNumber } from './target.ts';

/** Milliseconds of opening and closing a jail, and of a command in an open one. */
export interface JailCost {
  readonly openAndClose: Summary;
  readonly command: Summary;
}

/** What the jail with every layer costs more than the one without this one, measured one right behind the other. */
export interface LayerCost extends JailCost {
  readonly key: string;
  readonly title: string;
}

/** What a rung\u2019s jail costs, and as a multiple of the first rung\u2019s in the same round. */
export interface RungCost extends LayerCost {
  readonly timesOpenAndClose: Summary;
  readonly timesCommand: Summary;
}

export interface LayerFindings {
  readonly whole: JailCost;
  readonly layers: readonly LayerCost[];
  readonly rungs: readonly RungCost[];
}

type Samples = ReadonlyMap<string, readonly (readonly number[])[]>;

/** Of each round the fastest: other work of the machine only ever adds. */
interface Rounds {
  readonly openAndClose: readonly number[];
  readonly command: readonly number[];
}

/** What `comparePair` measured: `batch` rows of each round, one behind the other. Variants that were not measured are left out. */
export function summarizeLayers(samples: Samples, batch: number): LayerFindings {
  const pairOf = ({ key }: JailVariant) => readPair(samples, key, batch);
  const isMeasured = ({ key }: JailVariant): boolean => samples.has(`${key}/run`);
  const [root] = rungs;
  return {
    whole: costOf(pairOf(wholeJail).one),
    layers: withoutLayer.filter(isMeasured).map((variant) => {
      const { one, other } = pairOf(variant);
      return { key: variant.key, title: variant.title, ...costOf(combine(one, other, (all, less) => all - less)) };
    }),
    rungs: rungs.filter(isMeasured).map((variant) => {
      const { one, other } = pairOf(variant);
      const rung = variant === root ? one : other;
      const times = costOf(combine(rung, one, (each, first) => each / first));
      return {
        key: variant.key,
        title: variant.title,
        ...costOf(rung),
        timesOpenAndClose: times.openAndClose,
        timesCommand: times.command,
      };
    }),
  };
}

function readPair(samples: Samples, key: string, batch: number): { readonly one: Rounds; readonly other: Rounds } {
  const cycles = samples.get(`${key}/cycle`) ?? [];
  const runs = samples.get(`${key}/run`) ?? [];
  const roundsOf = (which: 0 | 1): Rounds => ({
    openAndClose: fastest(cycles, batch, (row) => (row[which * 3] ?? 0) + (row[which * 3 + 2] ?? 0)),
    command: fastest(runs, batch, (row) => row[which] ?? 0),
  });
  return { one: roundsOf(0), other: roundsOf(1) };
}

function fastest(
  rows: readonly (readonly number[])[],
  batch: number,
  valueOf: (row: readonly number[]) => number,
): readonly number[] {
  const rounds = Math.floor(rows.length / batch);
  return Array.from({ length: rounds }, (_, round) =>
    Math.min(...rows.slice(round * batch, (round + 1) * batch).map(valueOf)),
  );
}

function costOf({ openAndClose, command }: Rounds): JailCost {
  return { openAndClose: summarize(openAndClose), command: summarize(command) };
}

function combine(one: Rounds, other: Rounds, of: (one: number, other: number) => number): Rounds {
  const each = (values: readonly number[], others: readonly number[]): readonly number[] =>
    values.map((value, round) => of(value, others[round] ?? Number.NaN));
  return { openAndClose: each(one.openAndClose, other.openAndClose), command: each(one.command, other.command) };
}

export function renderLayerFindings({ whole, layers, rungs: measured }: LayerFindings): string {
  return [
    renderTable([
      ['milliseconds, a layer by its difference', 'open and close', 'p10', 'p90', 'command', 'p10', 'p90'],
      [wholeJail.title, ...spread(whole.openAndClose, showNumber), ...spread(whole.command, showNumber)],
      ...layers.map(({ title, openAndClose, command }) => [
        `    ${title}`,
        ...spread(openAndClose, showDifference),
        ...spread(command, showDifference),
      ]),
    ]),
    '\n',
    renderTable([
      [
        'milliseconds, without cgroup and AppArmor',
        'open and close',
        'times',
        'p10',
        'p90',
        'command',
        'times',
        'p10',
        'p90',
      ],
      ...measured.map(({ title, openAndClose, timesOpenAndClose, command, timesCommand }) => [
        title,
        showNumber(openAndClose.median),
        ...spread(timesOpenAndClose, showNumber),
        showNumber(command.median),
        ...spread(timesCommand, showNumber),
      ]),
    ]),
  ].join('');
}

function spread({ median, p10, p90 }: Summary, show: (value: number) => string): readonly string[] {
  return [median, p10, p90].map(show);
}

function showDifference(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
}
