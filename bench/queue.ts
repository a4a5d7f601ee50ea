/**
 * What a job costs from the client to its result and back: through BullMQ alone, and through a whole fleet.
 * `./bullpen bench queue [--json] [--quick]`. docs/benchmarks.md says how to read it.
 */
import type { JobToSubmit } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import { type BenchFleet, startBenchFleet } from './support/bench-fleet.ts';
import { describeMachine } from './support/machine.ts';
import { buildNativePrograms } from './support/native-programs.ts';
import { startStopwatch } from './support/native-stopwatch.ts';
import { timeMs } from './support/node-jail.ts';
import { type NoopQueue, startNoopQueue } from './support/noop-queue.ts';
import { measureOutputMemory } from './support/output-memory.ts';
import { type QueueFindings, renderQueueFindings, summarizeQueue } from './support/queue-findings.ts';
import { type BenchContext, runBenchmark, sayProgress } from './support/run-benchmark.ts';
import { type Contestant, takeTurns } from './support/take-turns.ts';
import { makeWorkspace } from './support/workspace.ts';

const trivial: JobToSubmit = { profile: 'bash', commands: [{ argv: ['true'] }] };
const hello = ['python3', '-c', 'print("hello")'];
const python: JobToSubmit = { profile: 'python', commands: [{ argv: hello }] };

await runBenchmark(async (context) => {
  const machine = describeMachine();
  const fleet = await startBenchFleet();
  context.closers.push(() => fleet.close());
  const noop = await startNoopQueue(fleet.redis, fleet.slots);
  context.closers.push(() => noop.close());
  const rounds = context.quick ? 3 : 20;
  const samples = await takeTurns(await gatherContestants(context, fleet, noop), {
    rounds,
    batch: context.quick ? 12 : 20,
    onRound: (round) => sayProgress(`round ${round} of ${rounds}`),
  });
  sayProgress('memory');
  const memory = await measureOutputMemory(fleet, context.quick ? 8 : 20);
  sayProgress('');
  const findings: QueueFindings = {
    benchmark: 'queue',
    machine,
    slots: fleet.slots,
    ...summarizeQueue(samples, memory),
  };
  process.stdout.write(context.json ? `${JSON.stringify(findings, null, 2)}\n` : renderQueueFindings(findings));
});

/** Latencies are one job at a time on an idle fleet; the rows `-many` are milliseconds per job when there is always a next one. */
async function gatherContestants(
  { closers }: BenchContext,
  fleet: BenchFleet,
  noop: NoopQueue,
): Promise<readonly Contestant[]> {
  const workspace = makeWorkspace();
  closers.push(() => workspace.remove());
  const { bareExec } = await buildNativePrograms(workspace.folder);
  const pythons = Array.from({ length: fleet.slots }, () => {
    const stopwatch = startStopwatch(bareExec, ['/usr/bin/python3', ...hello.slice(1)]);
    closers.push(() => stopwatch.close());
    return stopwatch;
  });
  return [
    { name: 'noop', measure: oneByOne(() => noop.run(1)) },
    { name: 'noop-many', measure: (count) => perJob(count * 50, () => noop.run(count * 50)) },
    { name: 'trivial', measure: oneByOne(async () => checkAll([await fleet.run(trivial)])) },
    {
      name: 'trivial-many',
      measure: (count) => perJob(count * 5, async () => checkAll(await fleet.runMany(trivial, count * 5))),
    },
    { name: 'python', measure: oneByOne(async () => checkAll([await fleet.run(python)])) },
    {
      name: 'python-many',
      measure: (count) => perJob(count * 2, async () => checkAll(await fleet.runMany(python, count * 2))),
    },
    { name: 'bare-python', measure: async (count) => (await pythons[0]?.measure('exec', count)) ?? [] },
    {
      name: 'bare-python-many',
      measure: (count) =>
        perJob(count * pythons.length, () => Promise.all(pythons.map((each) => each.measure('exec', count)))),
    },
  ];
}

function oneByOne(run: () => Promise<void>): Contestant['measure'] {
  return async (count) => {
    const rows: number[][] = [];
    for (let index = 0; index < count; index += 1) rows.push([await timeMs(run)]);
    return rows;
  };
}

async function perJob(count: number, run: () => Promise<unknown>): Promise<readonly (readonly number[])[]> {
  return [[(await timeMs(run)) / count]];
}

/** A benchmark of jobs that fail would be fast and worthless. */
function checkAll(results: readonly Result[]): void {
  for (const { commands } of results) {
    const outcome = commands[0]?.outcome;
    if (outcome?.kind !== 'exited' || outcome.exitCode !== 0)
      throw new Error(`A job of the benchmark did not exit with 0: ${JSON.stringify(outcome)}.`);
  }
}
