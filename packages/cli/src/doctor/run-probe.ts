import type { Receipt } from '@bullpen/protocol';
import type { CliConfig } from '../config.ts';
import { startFleet } from '../fleet/start-fleet.ts';
import { messageOf } from '../message-of.ts';

/** What one job showed that a worker of this machine ran in a jail. */
export interface Probe {
  /** Null when no job could be run. */
  readonly receipt: Receipt | null;
  /** The sentence of whatever kept it from running. */
  readonly problem: string | null;
}

/** A worker proves itself before it is ready, which takes a slow machine a minute; what is wrong with it shows earlier. */
const probeDeadlineMs = 180_000;

/** Starts a worker with the operator's settings, runs one job and returns its confinement receipt. Never rejects. */
export async function runProbe(config: CliConfig): Promise<Probe> {
  try {
    const fleet = await startFleet({
      config,
      workers: 1,
      slots: 1,
      redis: null,
      ownQueue: true,
      logLevel: 'warn',
      readyDeadlineMs: probeDeadlineMs,
      log: () => {},
    });
    try {
      const handle = await fleet.client.submit({ profile: 'bash', commands: [{ argv: ['bash', '-c', 'true'] }] });
      const result = await Promise.race([handle.result({ timeoutMs: probeDeadlineMs }), fleet.lost]);
      return { receipt: result.receipt, problem: null };
    } finally {
      await fleet.close(2000);
    }
  } catch (error) {
    return { receipt: null, problem: messageOf(error) };
  }
}
