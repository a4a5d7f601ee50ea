import { startChild } from '../child-process.ts';
import { type CliConfig, readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { checkout } from '../fleet/checkout.ts';
import { say, writeAll } from '../output/write-all.ts';
import { renderEndings } from '../testing/render-endings.ts';
import { type PartEnding, runPart } from '../testing/run-part.ts';
import { takeTurns } from '../testing/take-turns.ts';
import { listTestStages, type TestLane, type TestStage, vmPart } from '../testing/test-parts.ts';
import { UsageError } from '../usage-error.ts';

export interface TestOptions {
  readonly only?: string;
  readonly vm?: boolean;
}

/** Runs all parts, whatever the earlier ones found, and ends with one line that counts them together. */
export async function runTests(options: TestOptions): Promise<number> {
  const config = readCliConfig();
  const stages = chooseStages(options);
  const startedAt = performance.now();
  if (options.vm !== true) await ensurePackages(config);
  const endings: PartEnding[] = [];
  for (const lanes of stages) endings.push(...(await runStage(lanes, config)));
  await writeAll(process.stdout, renderEndings(endings, (performance.now() - startedAt) / 1000));
  return endings.every(({ failed }) => failed === 0) ? exitCodes.success : exitCodes.failure;
}

function chooseStages({ only, vm = false }: TestOptions): readonly TestStage[] {
  if (vm && only !== undefined) throw new UsageError('Both --only and --vm choose what runs: give one of them.');
  if (vm) return [[[vmPart]]];
  const stages = listTestStages();
  if (only === undefined) return stages;
  const all = stages.flat(2);
  const chosen = all.find((part) => part.name === only);
  if (chosen !== undefined) return [[[chosen]]];
  throw new UsageError(`--only is ${JSON.stringify(only)}: the parts are ${all.map((part) => part.name).join(', ')}.`);
}

/** What the tests use of the system. When it cannot be installed, the tests that need it say so. */
async function ensurePackages({ environment }: CliConfig): Promise<void> {
  const options = { cwd: checkout, env: environment, stdout: 'inherit', stderr: 'inherit' } as const;
  const { failure } = await startChild('tools/ensure-test-packages.sh', [], options).ended;
  if (failure !== null) say(`Packages for the tests could not be installed: ${failure}`);
}

async function runStage(lanes: TestStage, config: CliConfig): Promise<readonly PartEnding[]> {
  const turns = takeTurns(({ stream, text }) => void process[stream].write(`${text}\n`));
  const runLane = async (lane: TestLane): Promise<readonly PartEnding[]> => {
    const endings: PartEnding[] = [];
    for (const part of lane) endings.push(await runPart(part, turns.begin(`--- ${part.name}`), config));
    return endings;
  };
  return (await Promise.all(lanes.map(runLane))).flat();
}
