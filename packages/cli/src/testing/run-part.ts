import { dirname, join } from 'node:path';
import { startChild } from '../child-process.ts';
import type { CliConfig } from '../config.ts';
import { checkout } from '../fleet/checkout.ts';
import { countPart, readCounts, type TestCounts } from './read-counts.ts';
import type { Speaker, SpokenLine } from './take-turns.ts';
import type { TestPart } from './test-parts.ts';

/** How a part ended. */
export interface PartEnding extends TestCounts {
  readonly name: string;
  readonly seconds: number;
}

/** Runs one part to its end. Never rejects: a part that cannot be started is one that failed. */
export async function runPart(part: TestPart, speaker: Speaker, config: CliConfig): Promise<PartEnding> {
  const counted: TestCounts[] = [];
  const { environment, searchPath } = config;
  const hear = (stream: SpokenLine['stream']) => (text: string) => {
    const counts = stream === 'stdout' ? readCounts(text) : null;
    if (counts !== null) counted.push(counts);
    speaker.say({ stream, text });
  };
  const [program, ...args] = part.command;
  const startedAt = performance.now();
  const child = startChild(program, args, {
    cwd: checkout,
    // Tools that start `node` by name get ours, not the machine's.
    env: {
      ...environment,
      NO_COLOR: '1',
      PATH: `${dirname(process.execPath)}:${join(checkout, 'node_modules/.bin')}:${searchPath}`,
    },
    stdout: hear('stdout'),
    stderr: hear('stderr'),
  });
  const { exitCode, failure } = await child.ended;
  if (failure !== null) speaker.say({ stream: 'stderr', text: `bullpen: The part ${part.name} ${failure}.` });
  speaker.end();
  return {
    name: part.name,
    seconds: (performance.now() - startedAt) / 1000,
    ...countPart(counted, exitCode),
  };
}
