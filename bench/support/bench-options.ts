import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** One JSON document on standard output instead of tables. */
  readonly json: boolean;
  /** Fewer rounds: under 20 seconds, for a look. */
  readonly quick: boolean;
}

/** Throws a TypeError whose message names the option that is wrong. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
  });
  return { json: values.json, quick: values.quick };
}
