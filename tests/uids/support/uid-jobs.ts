import type { Client } from '@bullpen/client';
import type { Result } from '@bullpen/protocol';
import { patience } from '../../support/patience.ts';

/** Submits `count` jobs that each take `seconds`, and waits for all results. */
export async function runNaps(client: Client, count: number, seconds = 0.15): Promise<Result[]> {
  const handles = await Promise.all(
    Array.from({ length: count }, () =>
      client.submit({ profile: 'bash', commands: [{ argv: ['sleep', `${seconds}`] }] }),
    ),
  );
  return Promise.all(handles.map((handle) => handle.result({ timeoutMs: 50_000 * patience })));
}

/** UIDs by the workers whose slots had them, as the receipts tell. */
export function uidsByWorker(results: readonly Result[]): Map<string, Set<number>> {
  const uids = new Map<string, Set<number>>();
  for (const { receipt } of results) {
    if (receipt === null) throw new Error('A result has no receipt.');
    uids.set(receipt.worker, (uids.get(receipt.worker) ?? new Set()).add(receipt.uid));
  }
  return uids;
}
