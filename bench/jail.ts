/**
 * What a jail costs: the same program, which does nothing, started bare, in an open jail, in a jail of its own, and by others.
 * `./bullpen bench jail [--json] [--quick]`, as root. docs/benchmarks.md says how to read it.
 */
import { execa } from 'execa';
import { loadBenchAppArmor, whyNoAppArmor } from './support/bench-apparmor.ts';
import { bubblewrapWords, whyNoBubblewrap } from './support/bubblewrap.ts';
import { type JailFindings, renderJailFindings, summarizeJail } from './support/jail-findings.ts';
import { makeJailTable, shownAt } from './support/jail-table.ts';
import { type JailVariant, rungs, wholeJail, withoutLayer } from './support/jail-variants.ts';
import { readKeeperMemory } from './support/keeper-memory.ts';
import { type LayerFindings, summarizeLayers } from './support/layer-findings.ts';
import { describeMachine } from './support/machine.ts';
import { buildNativePrograms, type NativePrograms } from './support/native-programs.ts';
import { type NativeStopwatch, startStopwatch } from './support/native-stopwatch.ts';
import { jailerProgram, startNodeJail, timeMs } from './support/node-jail.ts';
import { type BenchContext, runBenchmark, sayProgress } from './support/run-benchmark.ts';
import { comparePair, startVariant } from './support/start-variant.ts';
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
    ...(await measureLayers(context, workspace.folder, programs)),
    leftOut: { bubblewrap: whyNoBubblewrap(), apparmor: whyNoAppArmor() },
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
    const table = await makeJailTable({ programs: folder });
    closers.push(() => table.remove());
    return table.file;
  };
  const inJail = `${shownAt}/nothing`;
  const bare = start(bareExec, [nothing]);
  const keeper = start(keeperClient, [await makeTable(), inJail, jailerProgram]);
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

/** Jails that lack one layer each beside the whole one, and those of each rung beside those of root. */
async function measureLayers(
  context: BenchContext,
  folder: string,
  { keeperClient }: NativePrograms,
): Promise<LayerFindings> {
  const apparmor = await loadBenchAppArmor(folder);
  context.closers.push(() => apparmor?.unload());
  const start = (variant: JailVariant) => startVariant(variant, { programs: folder, keeperClient, apparmor }, context);
  const compareAll = async (first: JailVariant, others: readonly JailVariant[]): Promise<readonly Contestant[]> => {
    const one = await start(first);
    const pairs = [...comparePair(first.key, [one, one])];
    for (const other of others) pairs.push(...comparePair(other.key, [one, await start(other)]));
    return pairs;
  };
  const [root, ...poorer] = rungs;
  const layers = withoutLayer.filter(({ key }) => key !== 'apparmor' || apparmor !== null);
  const contestants = [...(await compareAll(wholeJail, layers)), ...(await compareAll(root, poorer))];
  const [rounds, batch] = [context.quick ? 12 : 60, 6];
  const onRound = (round: number): void => sayProgress(`layers: round ${round} of ${rounds}`);
  const findings = summarizeLayers(await takeTurns(contestants, { rounds, batch, onRound }), batch);
  sayProgress('');
  return findings;
}

async function timeExeca(program: string, count: number): Promise<readonly (readonly number[])[]> {
  const rows: number[][] = [];
  for (let index = 0; index < count; index += 1) rows.push([await timeMs(() => execa(program))]);
  return rows;
}
