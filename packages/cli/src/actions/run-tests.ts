import { dirname, join } from 'node:path';
import { startChild } from '../child-process.ts';
import { type CliConfig, readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { checkout } from '../fleet/checkout.ts';
import { say, writeAll } from '../output/write-all.ts';
import { countPart, readCounts, type TestCounts } from '../testing/read-counts.ts';
import { listTestParts, type TestPart, vmPart } from '../testing/test-parts.ts';
import { UsageError } from '../usage-error.ts';

export interface TestOptions {
  readonly only?: string;
  readonly vm?: boolean;
}

/** Runs all parts, whatever the earlier ones found, and ends with one line that counts them together. */
export async function runTests(options: TestOptions): Promise<number> {
  const config = readCliConfig();
  const parts = chooseParts(options);
  const total = { passed: 0, failed: 0 };
  if (options.vm !== true) await ensurePackages(config);
  for (const part of parts) {
    await writeAll(process.stdout, `--- ${part.name}\n`);
    const counts = await runPart(part, config);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  await writeAll(process.stdout, `${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? exitCodes.success : exitCodes.failure;
}

function chooseParts({ only, vm = false }: TestOptions): readonly TestPart[] {
  if (vm && only !== undefined) throw new UsageError('Both --only and --vm choose what runs: give one of them.');
  if (vm) return [vmPart];
  const all = listTestParts();
  if (only === undefined) return all;
  const chosen = all.filter((part) => part.name === only);
  if (chosen.length > 0) return chosen;
  throw new UsageError(`--only is ${JSON.stringify(only)}: the parts are ${all.map((part) => part.name).join(', ')}.`);
}

/** What the tests use of the system. When it cannot be installed, the tests that need it say so. */
async function ensurePackages({ environment }: CliConfig): Promise<void> {
  const options = { cwd: checkout, env: environment, stdout: 'inherit', stderr: 'inherit' } as const;
  const { failure } = await startChild('tools/ensure-test-packages.sh', [], options).ended;
  if (failure !== null) say(`Packages for the tests could not be installed: ${failure}`);
}

async function runPart({ command: [program, ...args] }: TestPart, config: CliConfig): Promise<TestCounts> {
  const counted: TestCounts[] = [];
  const { environment, searchPath } = config;
  const child = startChild(program, args, {
    cwd: checkout,
    // Tools that start `node` by name get ours, not the machine's.
    env: {
      ...environment,
      NO_COLOR: '1',
      PATH: `${dirname(process.execPath)}:${join(checkout, 'node_modules/.bin')}:${searchPath}`,
    },
    stdout: (line) => {
      const counts = readCounts(line);
      if (counts !== null) counted.push(counts);
      process.stdout.write(`${line}\n`);
    },
    stderr: 'inherit',
  });
  return countPart(counted, (await child.ended).exitCode);
}
