import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Client, createClient } from '@bullpen/client';
import { onTestFinished } from 'vitest';
import { patience } from '../../support/patience.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';
import { startWorkerProcess, type TestWorker } from '../../support/worker.ts';
import { startPod } from './pod.ts';

/** One Redis and one client, and workers that the test starts as it likes; all end with the test. */
export interface WorkerFleet {
  readonly redis: TestRedis;
  readonly client: Client;
  /** Starts a worker on the host, beside all others. */
  addWorker(settings?: Readonly<Record<string, string>>): Promise<TestWorker>;
  /** Starts a worker in a container's worth of namespaces, which sees no lock of the host; `become` are the words of a program that starts it there. */
  addPod(settings?: Readonly<Record<string, string>>, become?: readonly string[]): Promise<TestWorker>;
}

/** UIDs that only this test process's workers are told, `tenth` of them apart. */
export const baseOf = (test: number): number => 1_750_000_000 + (process.pid % 1_000_000) * 100 + test * 10;
export const pinnedTo = (base: number) => ({ BULLPEN_SLOT_UID_BASE: String(base) });
/** Leases that run out while a test waits for it. */
export const shortLeaseMs = 6000 * patience;
export const shortLease = leaseOf(shortLeaseMs);

export function leaseOf(milliseconds: number): Record<string, string> {
  return { BULLPEN_UID_LEASE_TTL_MS: String(milliseconds) };
}

export async function startWorkers(): Promise<WorkerFleet> {
  const redis = await startRedis();
  const client = createClient({ connection: redis.socket });
  const workers: TestWorker[] = [];
  onTestFinished(async () => {
    await client.close();
    await Promise.all(workers.map((worker) => worker.close()));
    await redis.close();
  });
  const keep = async (starting: Promise<TestWorker>): Promise<TestWorker> => {
    const worker = await starting;
    workers.push(worker);
    return worker;
  };
  const two = { BULLPEN_SLOTS: '2' };
  return {
    redis,
    client,
    addWorker: (settings = {}) => keep(startWorkerProcess(redis.socket, { ...two, ...settings })),
    addPod: (settings = {}, become = []) => keep(startPod(redis.socket, { ...two, ...settings }, become)),
  };
}

/** A process of the host that has nothing to do with Bullpen, with one of its UIDs. */
export async function startStranger(uid: number): Promise<ChildProcess> {
  const words = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups', 'sleep', '120'];
  const stranger = spawn('setpriv', words, { stdio: 'ignore' });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  await once(stranger, 'spawn');
  return stranger;
}

/** Ends the process and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What a start failed with; a failure of the test when it did not fail. */
export async function refusalOf(starting: Promise<unknown>): Promise<string> {
  try {
    await starting;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('The worker started, and should have been refused.');
}
