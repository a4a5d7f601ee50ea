import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type EgressTarget, renderTarget } from './egress-target.ts';
import { ProbeError } from './probe.ts';

/** What is silent for so long is out of reach. */
const connectMs = 1000;

/**
 * Tries to connect to targets that this process must not reach, all at once: a worker needs Redis and what its operator configured, and a
 * jail that leaks must lead nowhere. Throws a ProbeError that names those that answered.
 */
export async function probeEgress(targets: readonly EgressTarget[]): Promise<void> {
  const answers = await Promise.all(targets.map(canReach));
  const reached = targets.filter((_target, index) => answers[index]).map(renderTarget);
  if (reached.length === 0) return;
  throw new ProbeError(
    null,
    'the worker reaches nothing that it must not',
    `it could connect to ${reached.join(', ')}: forbid it by a firewall or a network policy, or take it out of BULLPEN_EGRESS_PROBES`,
  );
}

function canReach({ host, port }: EgressTarget): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (isReached: boolean) => (): void => {
      resolve(isReached);
      socket.destroy();
    };
    socket.setTimeout(connectMs, settle(false));
    socket.once('connect', settle(true));
    // Refused, unreachable, or a name that nobody knows: nothing can be sent there.
    socket.once('error', settle(false));
  });
}

export interface WatchEgressOptions {
  readonly targets: readonly EgressTarget[];
  readonly intervalMs: number;
  onPassed(): void;
  onFailed(error: unknown): void;
}

/** Probes again and again, until closed. Nothing is done where there is no target. */
export function watchEgress({ targets, intervalMs, onPassed, onFailed }: WatchEgressOptions): { close(): void } {
  const stop = new AbortController();
  async function probeForever(): Promise<void> {
    while (targets.length > 0) {
      await delay(intervalMs, undefined, { signal: stop.signal, ref: false });
      await probeEgress(targets).then(onPassed, onFailed);
    }
  }
  // Only closing ends it early.
  probeForever().catch(() => {});
  return { close: () => stop.abort() };
}
