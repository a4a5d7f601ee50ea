import { renderTable } from '../../packages/cli/src/output/render-table.ts';
import { type DoorName, doorRequests } from './door-requests.ts';
import { type Machine, renderMachine } from './machine.ts';
import { medianOf, type Summary, summarize } from './statistics.ts';
import { judgeTarget, renderTargets, showNumber, type Target } from './target.ts';

/** How many clients ask at a time. */
export const clientCounts = [1, 4, 16] as const;

/** One door, asked by so many clients at a time. */
export interface DoorRow {
  readonly door: DoorName;
  readonly clients: number;
  /** Milliseconds from a client's request to its whole answer. */
  readonly latencyMs: Summary;
  /** Median of the rounds. */
  readonly requestsPerSecond: number;
}

/** What one run of the doors' benchmark found. */
export interface DoorsFindings {
  readonly benchmark: 'doors';
  readonly machine: Machine;
  readonly slots: number;
  readonly rows: readonly DoorRow[];
  /** Starts of bare Python per second, as many at a time as there are processors: the floor of every door. */
  readonly barePerSecond: number;
  readonly targets: readonly Target[];
}

/** What codebox reached on two processors such as these, asked by many clients: the bar is twice that. */
const codeboxPerSecond = 40;

export const doorNames = Object.keys(doorRequests) as readonly DoorName[];

/** Name of a door's samples: milliseconds per request, or per request of all clients together. */
export const sampleName = (door: DoorName, clients: number, what: 'each' | 'rate'): string =>
  `${door}-${clients}-${what}`;

type Samples = ReadonlyMap<string, readonly number[]>;

export function summarizeDoors(samples: Samples): Pick<DoorsFindings, 'rows' | 'barePerSecond' | 'targets'> {
  const column = (name: string): readonly number[] => samples.get(name) ?? [];
  const rows = doorNames.flatMap((door) =>
    clientCounts.map((clients) => ({
      door,
      clients,
      latencyMs: summarize(column(sampleName(door, clients, 'each'))),
      requestsPerSecond: 1000 / medianOf(column(sampleName(door, clients, 'rate'))),
    })),
  );
  return { rows, barePerSecond: 1000 / medianOf(column('bare')), targets: rows.flatMap(judge) };
}

function judge({ door, clients, latencyMs, requestsPerSecond }: DoorRow): readonly Target[] {
  const where = `${door}, ${clients} ${clients === 1 ? 'client' : 'clients'}`;
  const spread = judgeTarget(`${where}: p99 over p50`, latencyMs.p99 / latencyMs.median, { atMost: 3, unit: 'times' });
  if (clients === 1) return [spread];
  return [judgeTarget(`${where}: requests`, requestsPerSecond, { atLeast: 2 * codeboxPerSecond, unit: '1/s' }), spread];
}

export function renderDoorsFindings({ machine, slots, rows, barePerSecond, targets }: DoorsFindings): string {
  return [
    renderMachine(machine),
    `a worker with ${slots} slots, a gateway, Redis and the clients on the same processors\n\n`,
    renderTable([
      ['hello in Python, milliseconds per request', 'clients', 'p50', 'p99', 'p10', 'p90', 'req/s', 'times bare'],
      ...rows.map(({ door, clients, latencyMs: { median, p99, p10, p90 }, requestsPerSecond }) => [
        door,
        String(clients),
        ...[median, p99, p10, p90, requestsPerSecond, requestsPerSecond / barePerSecond].map(showNumber),
      ]),
    ]),
    `\nbare hello in Python, fork and exec (C), one starter per processor: ${showNumber(barePerSecond)}/s\n\n`,
    renderTable(renderTargets(targets)),
  ].join('');
}
