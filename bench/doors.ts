/**
 * What a request costs through each door of the gateway: Python that says hello, asked by 1, 4 and 16 clients.
 * `./bullpen bench doors [--json] [--quick]`. docs/benchmarks.md says how to read it.
 */
import { startBenchFleet } from './support/bench-fleet.ts';
import { type BenchGateway, startBenchGateway } from './support/bench-gateway.ts';
import { type DoorName, doorRequests } from './support/door-requests.ts';
import {
  clientCounts,
  doorNames,
  type DoorsFindings,
  renderDoorsFindings,
  sampleName,
  summarizeDoors,
} from './support/doors-findings.ts';
import { openHttpClients } from './support/http-clients.ts';
import { describeMachine } from './support/machine.ts';
import { buildNativePrograms } from './support/native-programs.ts';
import { startStopwatch } from './support/native-stopwatch.ts';
import { timeMs } from './support/node-jail.ts';
import { type BenchContext, runBenchmark, sayProgress } from './support/run-benchmark.ts';
import { makeWorkspace } from './support/workspace.ts';

const bareHello = ['/usr/bin/python3', '-c', 'print("hello")'];

await runBenchmark(async (context) => {
  const machine = describeMachine();
  const fleet = await startBenchFleet();
  context.closers.push(() => fleet.close());
  const gateway = await startBenchGateway(fleet.redis);
  context.closers.push(() => gateway.close());
  const samples = await takeSamples(context, gateway, fleet.slots);
  sayProgress('');
  const findings: DoorsFindings = { benchmark: 'doors', machine, slots: fleet.slots, ...summarizeDoors(samples) };
  process.stdout.write(context.json ? `${JSON.stringify(findings, null, 2)}\n` : renderDoorsFindings(findings));
});

/** Rounds in which every door has a turn with every number of clients, and bare Python one; the first round is thrown away. */
async function takeSamples(
  context: BenchContext,
  gateway: BenchGateway,
  slots: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const samples = new Map<string, number[]>();
  const keep = (name: string, values: readonly number[]): void => {
    const kept = samples.get(name);
    if (kept === undefined) samples.set(name, [...values]);
    else kept.push(...values);
  };
  const startBare = await prepareBare(context, slots);
  const rounds = context.quick ? 3 : 12;
  for (let round = 0; round <= rounds; round += 1) {
    sayProgress(`round ${round} of ${rounds}`);
    for (const [door, clients] of turnsOf(round)) {
      const { eachMs, allMs } = await askDoor(gateway, door, clients);
      if (round === 0) continue;
      keep(sampleName(door, clients, 'each'), eachMs);
      keep(sampleName(door, clients, 'rate'), [allMs / eachMs.length]);
    }
    const bareMs = await startBare(20);
    if (round > 0) keep('bare', [bareMs]);
  }
  return samples;
}

/** Each round begins with another turn, so that none always follows the same neighbour. */
function turnsOf(round: number): readonly (readonly [DoorName, number])[] {
  const turns = doorNames.flatMap((door) => clientCounts.map((clients) => [door, clients] as const));
  const start = round % turns.length;
  return [...turns.slice(start), ...turns.slice(0, start)];
}

async function askDoor(gateway: BenchGateway, door: DoorName, clients: number) {
  const many = openHttpClients(gateway, clients);
  try {
    return await many.run(doorRequests[door], 20 + 4 * clients);
  } finally {
    many.close();
  }
}

/** Returns milliseconds per start when every processor has one starter. */
async function prepareBare({ closers }: BenchContext, starters: number): Promise<(count: number) => Promise<number>> {
  const workspace = makeWorkspace();
  closers.push(() => workspace.remove());
  const { bareExec } = await buildNativePrograms(workspace.folder);
  const stopwatches = Array.from({ length: starters }, () => {
    const stopwatch = startStopwatch(bareExec, bareHello);
    closers.push(() => stopwatch.close());
    return stopwatch;
  });
  return async (count) =>
    (await timeMs(() => Promise.all(stopwatches.map((each) => each.measure('exec', count))))) / (count * starters);
}
