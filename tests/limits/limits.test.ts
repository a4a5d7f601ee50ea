import type { CommandReport } from '@bullpen/protocol';
import type { Limits } from '@bullpen/profiles';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leastOf } from '../support/least-of.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { patience } from '../support/patience.ts';
import { hasCgroups, hasOwnRoot, rung } from '../support/rung.ts';

const MIB = 1_048_576;
let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

/** What a probe said, or what became of it. */
async function under(limits: Partial<Limits>, words: string): Promise<{ answer: string; report: CommandReport }> {
  return fleet.probe(words, { limits });
}

/** What a cgroup bounds for the whole tree is each process's own limit where there is none. */
const ofTree = (outcome: string): string => (hasCgroups ? outcome : 'through');
/** One too many for a limit of 8. Where worker and programs share a user there is room besides for threads that the worker may yet start. */
const crowd = rung === 'restricted' ? 48 : 8;
/** A tmpfs of the job's own refuses what is too much; a place that slots share is looked at, and the program ended. */
const ofDisk = hasOwnRoot ? 'ENOSPC' : 'output-exceeded';
const ofSharedMemory: [string, Partial<Limits>, string, string, string] = [
  'diskBytes, /dev/shm included',
  { diskBytes: 4 * MIB },
  `fill-file /dev/shm/a ${3 * MIB}`,
  `fill-file /dev/shm/a ${4 * MIB}`,
  'ENOSPC',
];

describe.each<[limit: string, limits: Partial<Limits>, under: string, over: string, outcome: string]>([
  ['wallTimeMs', { wallTimeMs: 1000 + 500 * patience }, 'sleep 900', `sleep ${5000 * patience}`, 'wall-time-exceeded'],
  // A whole second, as the kernel's own limit, whose clock may run ahead and must not be the first to strike.
  ['cpuTimeMs', { cpuTimeMs: 1000 }, 'spin 300', 'spin 20000', 'cpu-time-exceeded'],
  [
    'cpuTimeMs of the whole tree',
    // An emulated machine counts the time in which its own processor waited for one of the host's.
    { cpuTimeMs: 760 + 40 * patience },
    'spin-in-children 200 2',
    'spin-in-children 700 2',
    'cpu-time-exceeded',
  ],
  [
    'memoryBytes',
    { memoryBytes: 64 * MIB },
    `touch-memory ${58 * MIB}`,
    `touch-memory ${66 * MIB}`,
    hasCgroups ? 'memory-exceeded' : 'ENOMEM',
  ],
  [
    'memoryBytes of the whole tree',
    { memoryBytes: 64 * MIB, wallTimeMs: 9000 },
    `touch-memory-in-children ${18 * MIB} 3`,
    // Without a cgroup the jailer counts, twenty times a second.
    `touch-memory-in-children ${18 * MIB} 4`,
    'memory-exceeded',
  ],
  [
    'memoryBytes, files included',
    { memoryBytes: 32 * MIB, diskBytes: 64 * MIB },
    `fill-file $TMPDIR/a ${24 * MIB}`,
    `fill-file $TMPDIR/a ${40 * MIB}`,
    ofTree('memory-exceeded'),
  ],
  [
    'addressSpaceBytes',
    { addressSpaceBytes: 256 * MIB },
    `reserve-memory ${240 * MIB}`,
    `reserve-memory ${256 * MIB}`,
    'ENOMEM',
  ],
  ['processes', { processes: 8 }, 'hold-processes 7', `hold-processes ${crowd}`, 'EAGAIN'],
  ['processes, which counts threads', { processes: 8 }, 'hold-threads 7', `hold-threads ${crowd}`, 'EAGAIN'],
  ['fileSizeBytes', { fileSizeBytes: MIB }, `fill-file a ${MIB}`, `fill-file a ${MIB + 1}`, 'SIGXFSZ'],
  ['openFiles', { openFiles: 16 }, 'hold-files 16', 'hold-files 17', 'EMFILE'],
  ['stackBytes', { stackBytes: MIB }, `use-stack ${MIB - 65_536}`, `use-stack ${MIB + 1}`, 'SIGSEGV'],
  ['outputBytes of stdout', { outputBytes: 10_000 }, 'flood-stdout 10000', 'flood-stdout 10001', 'output-exceeded'],
  ['outputBytes of stderr', { outputBytes: 10_000 }, 'flood-stderr 10000', 'flood-stderr 10001', 'output-exceeded'],
  ['diskBytes', { diskBytes: 4 * MIB }, `fill-file a ${3 * MIB}`, `fill-and-stay a ${5 * MIB}`, ofDisk],
  [
    'diskBytes, temporary files included',
    { diskBytes: 4 * MIB },
    `fill-file $TMPDIR/a ${3 * MIB}`,
    `fill-and-stay $TMPDIR/a ${5 * MIB}`,
    ofDisk,
  ],
  ...(hasOwnRoot ? [ofSharedMemory] : []),
  ['diskFiles', { diskFiles: 100 }, 'many-files . 90', 'many-files-and-stay . 110', ofDisk],
])('%s', (_, limits, below, above, outcome) => {
  test(`just under (${below}) ends as exited`, async () => {
    const { report } = await under(limits, below);
    expect(report.outcome).toEqual({ kind: 'exited', exitCode: 0 });
    expect(report.pressure).toEqual({ processesRefused: 0, diskFull: false, oomKills: 0 });
  });
  test(`just over (${above}) ends as ${outcome}`, async () => {
    expect((await under(limits, above)).answer).toBe(outcome);
  });
});

describe('facts beside the outcome', () => {
  test('refused processes are counted, by a cgroup', async () => {
    const { report } = await under({ processes: 4 }, 'hold-processes 4');
    if (hasCgroups) expect(report.pressure.processesRefused).toBeGreaterThan(0);
    else expect(report.pressure.processesRefused).toBe(0);
  });

  test('a full disk is told, also when it was full of files', async () => {
    expect((await under({ diskBytes: 2 * MIB }, `fill-file a ${4 * MIB}`)).report.pressure.diskFull).toBe(true);
    expect((await under({ diskFiles: 50 }, 'many-files . 60')).report.pressure.diskFull).toBe(true);
  });

  test('kills for memory are counted, and the peak is the limit, by a cgroup', async () => {
    const { report } = await under({ memoryBytes: 32 * MIB }, `touch-memory ${200 * MIB}`);
    expect(report.pressure.oomKills > 0).toBe(hasCgroups);
    if (!hasCgroups) return;
    expect(report.usage.peakMemoryBytes).toBeGreaterThan(30 * MIB);
    expect(report.usage.peakMemoryBytes).toBeLessThanOrEqual(32 * MIB);
  });

  test('CPU time is that of the whole tree, and wall time that of the command', async () => {
    const { report } = await under({}, 'spin-in-children 150 2');
    expect(report.usage.cpuTimeMs).toBeGreaterThanOrEqual(290);
    expect(report.usage.cpuTimeMs).toBeLessThan(600);
    const sleep = async (): Promise<number> => {
      const { usage } = (await under({}, 'sleep 200')).report;
      expect(usage.wallTimeMs).toBeGreaterThanOrEqual(200);
      expect(usage.cpuTimeMs).toBeLessThan(100 * patience);
      return usage.wallTimeMs;
    };
    const justOver = 200 + 100 * patience;
    expect(await leastOf(justOver, sleep)).toBeLessThan(justOver);
  });

  test('used disk is counted in bytes and files', async () => {
    const { usage } = (await under({}, `fill-file a ${MIB}`)).report;
    expect(usage.diskBytes).toBeGreaterThanOrEqual(MIB);
    expect(usage.diskBytes).toBeLessThan(4 * MIB);
    expect(usage.diskFiles).toBeGreaterThanOrEqual(2);
  });

  test('output beyond the limit is cut there, marked and its excess not kept', async () => {
    const { stdout } = (await under({ outputBytes: 10_000 }, 'flood-stdout 5000000')).report;
    expect(stdout).toMatchObject({ bytesKept: 10_000, truncated: true });
    expect(stdout.bytesSeen).toBeGreaterThan(10_000);
  });
});

describe('programs that will not end', () => {
  test('one that ignores every signal is ended at the wall-clock limit', async () => {
    const ignore = async (): Promise<number> => {
      const { answer, report } = await under({ wallTimeMs: 300 }, 'ignore-signals 60000');
      expect(answer).toBe('wall-time-exceeded');
      return report.usage.wallTimeMs;
    };
    const justOver = 300 + 200 * patience;
    expect(await leastOf(justOver, ignore)).toBeLessThan(justOver);
  });

  test('a fork bomb is held by its limit and ended at the wall-clock limit', async () => {
    const { answer, report } = await under({ wallTimeMs: 500 * patience, processes: 32 }, 'fork-bomb');
    expect(answer).toBe('wall-time-exceeded');
    expect(report.pressure.processesRefused > 0).toBe(hasCgroups);
  });

  test('a command has limits of its own beside those of its job', async () => {
    const command = (wallTimeMs: number) => ({ argv: ['sleep', '0.3'], limits: { wallTimeMs }, stopOnFailure: false });
    const result = await fleet.run({ profile: 'bash', commands: [command(100), command(5000)] });
    expect(result.commands.map(({ outcome }) => outcome.kind)).toEqual(['wall-time-exceeded', 'exited']);
  });
});
