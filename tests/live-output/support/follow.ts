import type { JobHandle, JobToSubmit, OutputItem } from '@bullpen/client';
import { decodeOutput, type Result, type StreamName } from '@bullpen/protocol';
import { expect } from 'vitest';
import { patience } from '../../support/patience.ts';

export const wait = { timeoutMs: 40_000 * patience };

/** A job of shell scripts, one command for each, which may go on for a minute. */
export function shellJob(...scripts: readonly string[]): JobToSubmit {
  const limits = { wallTimeMs: 60_000, outputBytes: 16_000_000 };
  return { profile: 'bash', limits, commands: scripts.map((script) => ({ argv: ['bash', '-c', script] })) };
}

/** What a follower has got: the bytes of each stream since the run last started anew. */
export class Seen {
  readonly items: OutputItem[] = [];
  readonly #streams = new Map<string, Buffer[]>();

  add(item: OutputItem): void {
    this.items.push(item);
    if (item.kind === 'restarted') {
      this.#streams.clear();
      return;
    }
    const pieces = this.#streams.get(`${item.command} ${item.stream}`) ?? [];
    pieces.push(Buffer.from(item.bytes));
    this.#streams.set(`${item.command} ${item.stream}`, pieces);
  }

  of(stream: StreamName, command = 0): Buffer {
    return Buffer.concat(this.#streams.get(`${command} ${stream}`) ?? []);
  }

  text(stream: StreamName = 'stdout', command = 0): string {
    return this.of(stream, command).toString();
  }
}

/** Follows a job to its end. `onItem` is awaited: a follower is as slow as it. */
export async function follow(handle: JobHandle, onItem: (seen: Seen) => unknown = () => {}): Promise<Seen> {
  const seen = new Seen();
  for await (const item of handle.output(wait)) {
    seen.add(item);
    await onItem(seen);
  }
  return seen;
}

/** That what a follower got is what the result keeps, to the byte. Returns the result. */
export async function expectAll(seen: Seen, handle: JobHandle): Promise<Result> {
  const result = await handle.result(wait);
  for (const [index, report] of result.commands.entries()) {
    for (const stream of ['stdout', 'stderr'] as const) {
      const [got, kept] = [seen.of(stream, index), decodeOutput(report[stream])];
      expect([index, stream, got.byteLength]).toEqual([index, stream, kept.byteLength]);
      expect(got.equals(kept)).toBe(true);
    }
  }
  return result;
}
