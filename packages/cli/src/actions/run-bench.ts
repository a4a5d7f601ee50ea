import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../child-process.ts';
import { readCliConfig } from '../config.ts';
import { exitCodes } from '../exit-code.ts';
import { checkout } from '../fleet/checkout.ts';
import { UsageError } from '../usage-error.ts';

const benchmarks = ['jail', 'queue', 'doors'];

/** Runs one of the benchmarks of `bench/` and returns its exit code. */
export async function runBench(what: string, args: readonly string[]): Promise<number> {
  const file = join(checkout, 'bench', `${what}.ts`);
  if (!benchmarks.includes(what))
    throw new UsageError(
      `There is no benchmark ${JSON.stringify(what)}: choose ${benchmarks.slice(0, -1).join(', ')} or ${benchmarks.at(-1)}.`,
    );
  if (!existsSync(file)) throw new Error(`${file} is missing: benchmarks need the whole checkout.`);
  const child = startChild(process.execPath, ['--conditions=@bullpen/source', file, ...args], {
    env: readCliConfig().environment,
    stdout: 'inherit',
    stderr: 'inherit',
  });
  return (await child.ended).exitCode ?? exitCodes.fault;
}
