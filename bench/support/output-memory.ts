import { setTimeout as delay } from 'node:timers/promises';
import type { JobToSubmit } from '@bullpen/client';
import type { BenchFleet } from './bench-fleet.ts';
import { readProcessMemory, resetPeak } from './process-memory.ts';

/** What jobs do to the worker's resident memory, in KiB; one number per job. */
export interface OutputMemory {
  readonly outputBytes: number;
  readonly capBytes: number;
  /** Resident before the first flood, after `warmUps` of them, and after the last: garbage of each is collected with that of a later one. */
  readonly coldKiB: number;
  readonly warmUps: number;
  readonly warmKiB: number;
  readonly lastKiB: number;
  /** Resident after the job minus before it. */
  readonly growthKiB: readonly number[];
  /** Largest resident set while it ran minus before it. */
  readonly peakGrowthKiB: readonly number[];
  /** The same for jobs without output: the noise of the runtime's own memory. */
  readonly quietGrowthKiB: readonly number[];
  readonly quietPeakGrowthKiB: readonly number[];
}

const outputBytes = 10_000_000;
const capBytes = 1_048_576;
const warmUps = 10;

const flood: JobToSubmit = {
  profile: 'bash',
  commands: [{ argv: ['bash', '-c', `head -c ${outputBytes} /dev/zero | tr '\\0' x`] }],
  limits: { outputBytes: capBytes },
};
const quiet: JobToSubmit = { profile: 'bash', commands: [{ argv: ['bash', '-c', 'true'] }] };

/** Runs jobs with and without output in turns, and looks at the worker's memory around each. Needs root's right to reset a peak. */
export async function measureOutputMemory(fleet: BenchFleet, jobs: number): Promise<OutputMemory> {
  const coldKiB = readResident(fleet.workerPid).residentKiB;
  for (let job = 0; job < warmUps; job += 1) await fleet.run(flood);
  const warmKiB = readResident(fleet.workerPid).residentKiB;
  const floods: Growth[] = [];
  const quiets: Growth[] = [];
  for (let job = 0; job < jobs; job += 1) {
    quiets.push(await measureGrowth(fleet, quiet, 'exited'));
    floods.push(await measureGrowth(fleet, flood, 'output-exceeded'));
  }
  return {
    outputBytes,
    capBytes,
    coldKiB,
    warmUps,
    warmKiB,
    lastKiB: readResident(fleet.workerPid).residentKiB,
    growthKiB: floods.map(({ after }) => after),
    peakGrowthKiB: floods.map(({ peak }) => peak),
    quietGrowthKiB: quiets.map(({ after }) => after),
    quietPeakGrowthKiB: quiets.map(({ peak }) => peak),
  };
}

interface Growth {
  readonly after: number;
  readonly peak: number;
}

async function measureGrowth(fleet: BenchFleet, job: JobToSubmit, expected: string): Promise<Growth> {
  await delay(100);
  resetPeak(fleet.workerPid);
  const before = readResident(fleet.workerPid).residentKiB;
  const { commands } = await fleet.run(job);
  const outcome = commands[0]?.outcome.kind;
  if (outcome !== expected) throw new Error(`A job of the memory benchmark ended with ${outcome}, not ${expected}.`);
  await delay(100);
  const { residentKiB, peakKiB } = readResident(fleet.workerPid);
  return { after: residentKiB - before, peak: peakKiB - before };
}

function readResident(pid: number) {
  const memory = readProcessMemory(pid);
  if (memory === null) throw new Error('The worker ended during the benchmark.');
  return memory;
}
