import { commandLimitNames, createCatalog } from '@bullpen/profiles';
import { expect, test } from 'vitest';
import { checkJob } from '../src/check-job.ts';
import { parseJob } from '../src/parse-job.ts';
import { resolvedCommands } from '../src/resolve-commands.ts';
import { makeJobInput } from './example-job.ts';

function commandsOf(input: Parameters<typeof makeJobInput>[0]) {
  const job = parseJob(makeJobInput(input));
  return resolvedCommands(job, checkJob(job, createCatalog()));
}

test('each command gets every limit of a command: its own wish, the job’s, the default', () => {
  const [first, second] = commandsOf({
    limits: { wallTimeMs: 5000, cpuTimeMs: 4000 },
    commands: [
      { argv: ['a'], limits: { wallTimeMs: 7000 } },
      { argv: ['b'], stopOnFailure: false },
    ],
  });
  expect(Object.keys(first?.limits ?? {})).toEqual(commandLimitNames);
  expect(first?.limits).toMatchObject({ wallTimeMs: 7000, cpuTimeMs: 4000, openFiles: 256 });
  expect(second?.limits).toMatchObject({ wallTimeMs: 5000, cpuTimeMs: 4000 });
  expect([first?.stopOnFailure, second?.stopOnFailure]).toEqual([true, false]);
});

test("a command's environment is the profile's with its own over it", () => {
  const [command] = commandsOf({
    profile: 'bash',
    commands: [{ argv: ['a'], env: { TZ: 'Asia/Tokyo', MINE: 'a=b' } }],
  });
  expect(command?.env).toEqual(
    expect.arrayContaining(['HOME=/work', 'TZ=Asia/Tokyo', 'MINE=a=b', 'PATH=/usr/local/bin:/usr/bin']),
  );
  expect(command?.env.filter((line) => line.startsWith('TZ='))).toHaveLength(1);
});

test('stdin stays as it travelled', () => {
  expect(commandsOf({ commands: [{ argv: ['a'], stdin: { base64: '/w==' } }] })[0]?.stdin).toEqual({ base64: '/w==' });
});
