import { type LiveOutput, liveOutputBounds } from '@bullpen/protocol';
import type { KeptOutput, KeptStream } from './kept-output.ts';

/** Where followed output goes. Both wait while Redis is away. */
export interface OutputChannel {
  publish(message: LiveOutput): Promise<unknown>;
  /** Whether anybody still wants it. */
  isFollowed(): Promise<boolean>;
}

export interface PublisherOptions {
  readonly kept: Pick<KeptOutput, 'streams' | 'length'>;
  readonly channel: OutputChannel;
  readonly attempt: number;
  onError(error: unknown): void;
}

/** Tells followers of one run what it writes. Nothing is done, and no timer runs, before `follow` and after `end`. */
export interface OutputPublisher {
  readonly isFollowed: boolean;
  /** Somebody wants the output from its beginning: those who follow already get what they have once more, and drop it. */
  follow(): void;
  /** There may be more output. */
  wake(): void;
  /** What was not told yet is in the result. */
  end(): void;
}

/** Times of following, in milliseconds. */
export const publishTimes = {
  /** Output that comes within so long is told together, unless it fills a message before. */
  coalesceMs: 50,
  /** Telling everything again waits until so long after the last time, however many ask. */
  againMs: 1000,
  /** How often to look whether anybody still follows. */
  lookMs: 5000,
} as const;

/**
 * One message is on its way at a time, made when the one before has arrived: a Redis that is slow or away holds up nothing but the followers,
 * and costs one message of memory.
 */
export function createOutputPublisher({ kept, channel, attempt, onError }: PublisherOptions): OutputPublisher {
  const told = new Map<string, number>();
  let state: 'idle' | 'followed' | 'ended' = 'idle';
  let isWorking = false;
  let wantsBeginning = false;
  let beginsAgainAt = 0;
  let looksAt = 0;
  let nap: { readonly timer: NodeJS.Timeout; end(): void } | null = null;

  let toldBytes = 0;
  const untold = (): number => kept.length - toldBytes;
  const isFollowed = (): boolean => state === 'followed';
  const beginsNow = (): boolean => wantsBeginning && performance.now() >= beginsAgainAt;

  async function sleep(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    nap = { timer: setTimeout(resolve, milliseconds).unref(), end: resolve };
    await promise;
    clearTimeout(nap.timer);
    nap = null;
  }

  async function begin(): Promise<void> {
    wantsBeginning = false;
    beginsAgainAt = performance.now() + publishTimes.againMs;
    told.clear();
    toldBytes = 0;
    await channel.publish({ kind: 'started', attempt });
  }

  /** What there is at its start; what comes meanwhile is told with the next. */
  async function tellAll(): Promise<void> {
    for (const one of kept.streams()) {
      const key = `${one.command} ${one.stream}`;
      const from = told.get(key) ?? 0;
      if (from === one.length) continue;
      const bytes = one.read();
      for (let offset = from; offset < one.length && isFollowed(); offset += liveOutputBounds.pieceBytes) {
        const piece = bytes.subarray(offset, offset + liveOutputBounds.pieceBytes);
        told.set(key, offset + piece.byteLength);
        toldBytes += piece.byteLength;
        await channel.publish(makeMessage(one, offset, piece));
      }
    }
  }

  function makeMessage({ command, stream }: KeptStream, offset: number, piece: Uint8Array): LiveOutput {
    const data = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('base64');
    return { kind: 'output', attempt, command, stream, offset, data };
  }

  async function lookWhetherFollowed(): Promise<void> {
    if (performance.now() < looksAt) return;
    looksAt = performance.now() + publishTimes.lookMs;
    if (!(await channel.isFollowed()) && !wantsBeginning && isFollowed()) state = 'idle';
  }

  async function work(): Promise<void> {
    isWorking = true;
    try {
      while (isFollowed() && (wantsBeginning || untold() > 0)) {
        if (beginsNow()) await begin();
        await lookWhetherFollowed();
        await tellAll();
        if (isFollowed() && untold() < liveOutputBounds.pieceBytes) await sleep(publishTimes.coalesceMs);
      }
    } catch (error) {
      if (isFollowed()) state = 'idle';
      onError(error);
    } finally {
      isWorking = false;
    }
  }

  return {
    get isFollowed() {
      return isFollowed();
    },
    follow() {
      if (state === 'ended') return;
      // The mark was there just now.
      if (state === 'idle') looksAt = performance.now() + publishTimes.lookMs;
      state = 'followed';
      wantsBeginning = true;
      if (!isWorking) void work();
    },
    wake() {
      if (!isFollowed()) return;
      if (!isWorking) void work();
      else if (nap !== null && untold() >= liveOutputBounds.pieceBytes) nap.end();
    },
    end() {
      state = 'ended';
      nap?.end();
    },
  };
}
