import { renderTable } from '../../packages/cli/src/output/render-table.ts';
import { type JailVariant, rungs, wholeJail, withoutLayer } from './jail-variants.ts';
import { medianOf, type Summary, summarize } from './statistics.ts';
import { showNumber } from './target.ts';

/** Milliseconds of opening and closing a jail, and of a command in an open one. */
export interface JailCost {
  readonly openAndClose: Summary;
  readonly command: Summary;
}

/** What the jail with every layer costs more than the one without this one; each measurement is the difference of two neighbours in one round. */
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

/** The medians of each round, so that what is compared was measured within a moment. */
interface Rounds {
  readonly openAndClose: readonly number[];
  readonly command: readonly number[];
}

/** `batch` measurements of a round stand one behind the other; variants that were not measured are left out. */
export function summarizeLayers(samples: Samples, batch: number): LayerFindings {
  const roundsOf = ({ key }: JailVariant): Rounds => ({
    openAndClose: medians(samples.get(`${key}/cycle`) ?? [], batch, ([open = 0, , close = 0]) => open + close),
    command: medians(samples.get(`${key}/run`) ?? [], batch, ([milliseconds = 0]) => milliseconds),
  });
  const isMeasured = ({ key }: JailVariant): boolean => samples.has(`${key}/run`);
  const whole = roundsOf(wholeJail);
  const first = roundsOf(rungs[0]);
  return {
    whole: costOf(whole),
    layers: withoutLayer.filter(isMeasured).map((variant) => ({
      key: variant.key,
      title: variant.title,
      ...costOf(pairwise(whole, roundsOf(variant), (all, less) => all - less)),
    })),
    rungs: rungs.filter(isMeasured).map((variant) => {
      const rung = roundsOf(variant);
      const times = costOf(pairwise(rung, first, (one, other) => one / other));
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

function medians(
  rows: readonly (readonly number[])[],
  batch: number,
  valueOf: (row: readonly number[]) => number,
): readonly number[] {
  const rounds = Math.floor(rows.length / batch);
  return Array.from({ length: rounds }, (_, round) =>
    medianOf(rows.slice(round * batch, (round + 1) * batch).map(valueOf)),
  );
}

function costOf({ openAndClose, command }: Rounds): JailCost {
  return { openAndClose: summarize(openAndClose), command: summarize(command) };
}

function pairwise(one: Rounds, other: Rounds, combine: (one: number, other: number) => number): Rounds {
  const each = (values: readonly number[], others: readonly number[]): readonly number[] =>
    values.map((value, round) => combine(value, others[round] ?? Number.NaN));
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
