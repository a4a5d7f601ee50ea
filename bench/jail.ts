/**
 * What a jail costs: the same program, which does nothing, started bare, in an open jail, in a jail of its own, and by others.
 * `./bullpen bench jail [--json] [--quick]`, as root. docs/benchmarks.md says how to read it.
 */
import { execa } from 'execa';
import { bubblewrapWords, whyNoBubblewrap } from './support/bubblewrap.ts';
import { type JailFindings, renderJailFindings, summarizeJail } from './support/jail-findings.ts';
import { makeJailTable, shownAt } from './support/jail-table.ts';
import { readKeeperMemory } from './support/keeper-memory.ts';
import { describeMachine } from './support/machine.ts';
import { buildNativePrograms, type NativePrograms } from './support/native-programs.ts';
import { type NativeStopwatch, startStopwatch } from './support/native-stopwatch.ts';
import { jailerProgram, startNodeJail, timeMs } from './support/node-jail.ts';
import { type BenchContext, runBenchmark, sayProgress } from './support/run-benchmark.ts';
import { type Contestant, takeTurns } from './support/take-turns.ts';
import { makeWorkspace } from './support/workspace.ts';

await runBenchmark(async (context) => {
  if (process.geteuid?.() !== 0)
    throw new Error('The jail benchmark measures the jails that root makes: run it as root.');
  const machine = describeMachine();
  const workspace = makeWorkspace();
  context.closers.push(() => workspace.remove());
  sayProgress('compiling the native parts');
  const programs = await buildNativePrograms(workspace.folder);
  const { contestants, keeperClient } = await gatherContestants(context, workspace.folder, programs);
  const rounds = context.quick ? 12 : 60;
  const samples = await takeTurns(contestants, {
    rounds,
    batch: 10,
    onRound: (round) => sayProgress(`round ${round} of ${rounds}`),
  });
  sayProgress('');
  const findings: JailFindings = {
    benchmark: 'jail',
    machine,
    ...summarizeJail(samples, await readKeeperMemory(keeperClient.pid)),
    leftOut: { bubblewrap: whyNoBubblewrap() },
  };
  process.stdout.write(context.json ? `${JSON.stringify(findings, null, 2)}\n` : renderJailFindings(findings));
});

/** Starts all that is measured; what runs in a jail sees the workspace at `shownAt`. */
async function gatherContestants(
  { closers }: BenchContext,
  folder: string,
  { nothing, bareExec, keeperClient }: NativePrograms,
): Promise<{ readonly contestants: readonly Contestant[]; readonly keeperClient: NativeStopwatch }> {
  const start = (program: string, args: readonly string[]): NativeStopwatch => {
    const stopwatch = startStopwatch(program, args);
    closers.push(() => stopwatch.close());
    return stopwatch;
  };
  const makeTable = async (): Promise<string> => {
    const table = await makeJailTable(folder);
    closers.push(() => table.remove());
    return table.file;
  };
  const inJail = `${shownAt}/nothing`;
  const bare = start(bareExec, [nothing]);
  const keeper = start(keeperClient, [jailerProgram, await makeTable(), inJail]);
  const node = await startNodeJail(await makeTable(), inJail);
  closers.push(() => node.close());
  const contestants: Contestant[] = [
    { name: 'bare', measure: (count) => bare.measure('exec', count) },
    { name: 'run', measure: (count) => keeper.measure('run', count) },
    { name: 'cycle', measure: (count) => keeper.measure('cycle', count) },
    { name: 'rested', measure: (count) => keeper.measure('rested', count) },
    { name: 'node-run', measure: node.run },
    { name: 'node-cycle', measure: node.cycle },
    { name: 'execa', measure: (count) => timeExeca(nothing, count) },
  ];
  if (whyNoBubblewrap() === null) {
    const bubblewrap = start(bareExec, bubblewrapWords(folder, shownAt));
    contestants.push({ name: 'bubblewrap', measure: (count) => bubblewrap.measure('exec', count) });
  }
  return { contestants, keeperClient: keeper };
}

async function timeExeca(program: string, count: number): Promise<readonly (readonly number[])[]> {
  const rows: number[][] = [];
  for (let index = 0; index < count; index += 1) rows.push([await timeMs(() => execa(program))]);
  return rows;
}
