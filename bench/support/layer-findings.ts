import { renderTable } from '../../packages/cli/src/output/render-table.ts';
import { type JailVariant, rungs, wholeJail, withoutLayer } from './jail-variants.ts';
import { type Summary, summarize } from './statistics.ts';
import { showNumber } from './target.ts';

/** Milliseconds from the end of a program to the next jail, open, and of a command in an open jail. */
export interface JailCost {
  readonly closeAndOpen: Summary;
  readonly command: Summary;
}

/** What the jail with every layer costs more than the one without this one, measured one right behind the other. */
export interface LayerCost extends JailCost {
  readonly key: string;
  readonly title: string;
}

/** What a rung\u2019s jail costs, and as a multiple of the first rung\u2019s in the same round. */
export interface RungCost extends LayerCost {
  readonly timesCloseAndOpen: Summary;
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
  readonly closeAndOpen: readonly number[];
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
        timesCloseAndOpen: times.closeAndOpen,
        timesCommand: times.command,
      };
    }),
  };
}

function readPair(samples: Samples, key: string, batch: number): { readonly one: Rounds; readonly other: Rounds } {
  const roundsOf = (which: 0 | 1): Rounds => ({
    closeAndOpen: batchesOf(samples.get(`${key}/cycle`) ?? [], batch).map((rows) => fastestChange(rows, which)),
    command: batchesOf(samples.get(`${key}/run`) ?? [], batch).map((rows) =>
      Math.min(...rows.map((row) => row[which] ?? Number.NaN)),
    ),
  });
  return { one: roundsOf(0), other: roundsOf(1) };
}

/**
 * From the end of a program to the next jail, open: the close of one row and the open of the next. (Of one row they would not do: where other
 * work delays the client, the slot makes its next jail in the close before.)
 */
function fastestChange(rows: readonly (readonly number[])[], which: 0 | 1): number {
  const valuesAt = (at: number): readonly number[] => rows.map((row) => row[which * 3 + at] ?? Number.NaN);
  const opens = valuesAt(0).slice(1);
  return Math.min(...opens.map((open, index) => open + (valuesAt(2)[index] ?? Number.NaN)));
}

function batchesOf<Row>(rows: readonly Row[], batch: number): readonly (readonly Row[])[] {
  const count = Math.floor(rows.length / batch);
  return Array.from({ length: count }, (_, index) => rows.slice(index * batch, (index + 1) * batch));
}

function costOf({ closeAndOpen, command }: Rounds): JailCost {
  return { closeAndOpen: summarize(closeAndOpen), command: summarize(command) };
}

function combine(one: Rounds, other: Rounds, of: (one: number, other: number) => number): Rounds {
  const each = (values: readonly number[], others: readonly number[]): readonly number[] =>
    values.map((value, round) => of(value, others[round] ?? Number.NaN));
  return { closeAndOpen: each(one.closeAndOpen, other.closeAndOpen), command: each(one.command, other.command) };
}

export function renderLayerFindings({ whole, layers, rungs: measured }: LayerFindings): string {
  return [
    renderTable([
      ['milliseconds, a layer by its difference', 'close and open', 'p10', 'p90', 'command', 'p10', 'p90'],
      [wholeJail.title, ...spread(whole.closeAndOpen, showNumber), ...spread(whole.command, showNumber)],
      ...layers.map(({ title, closeAndOpen, command }) => [
        `    ${title}`,
        ...spread(closeAndOpen, showDifference),
        ...spread(command, showDifference),
      ]),
    ]),
    '\n',
    renderTable([
      [
        'milliseconds, without cgroup and AppArmor',
        'close and open',
        'times',
        'p10',
        'p90',
        'command',
        'times',
        'p10',
        'p90',
      ],
      ...measured.map(({ title, closeAndOpen, timesCloseAndOpen, command, timesCommand }) => [
        title,
        showNumber(closeAndOpen.median),
        ...spread(timesCloseAndOpen, showNumber),
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
