import type { Result } from '@bullpen/protocol';
import { OutputInbox } from './output-inbox.ts';
import type { Follow, OutputFeed } from './output-feed.ts';
import type { OutputItem } from './output-item.ts';
import { OutputProgress } from './output-progress.ts';

/** What following one job needs of its client. */
export interface FollowOutputContext {
  /** The job's result when it is there already. */
  readResult(): Promise<Result | null>;
  /** Waits for the result, and rejects where `result()` does; also when `stop` is aborted. */
  wait(stop: AbortSignal): Promise<Result>;
  /** Begins to listen. */
  follow(onMessage: Parameters<OutputFeed['follow']>[1]): Follow;
  /** The caller's wish to end. */
  readonly signal: AbortSignal | undefined;
}

/** Pauses between asking a worker to tell everything once more, in milliseconds: each is twice the one before. */
const askPauses = { firstMs: 1000, longestMs: 30_000 };

type Ending = { readonly result: Result } | { readonly error: unknown };

/**
 * The output of a job while it runs, then what was not heard of it from its result: together exactly what the result keeps. Of a job that has
 * ended, the result alone. What it returns in the end is the result, for those who want to know more.
 */
export function followOutput(
  context: FollowOutputContext,
): AsyncIterableIterator<OutputItem, Result | undefined, undefined> {
  const left = new AbortController();
  const items = follow(context, left.signal);
  return {
    next: () => items.next(),
    // Also of somebody who waits for an item: his wait ends.
    return() {
      left.abort();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow(
  context: FollowOutputContext,
  left: AbortSignal,
): AsyncGenerator<OutputItem, Result | undefined, undefined> {
  context.signal?.throwIfAborted();
  const progress = new OutputProgress();
  const result = (await context.readResult()) ?? (yield* followRun(context, progress, left));
  if (result === null) return undefined;
  yield* whileWanted(progress.rest(result), context.signal, left);
  return result;
}

/**
 * Yields what is heard until the job has ended, and returns its result; null when whoever followed has left. Throws what waiting for the result
 * throws, behind what was heard before.
 */
async function* followRun(
  context: FollowOutputContext,
  progress: OutputProgress,
  left: AbortSignal,
): AsyncGenerator<OutputItem, Result | null, undefined> {
  const inbox = new OutputInbox(progress);
  const over = new AbortController();
  const run = context.follow((message) => inbox.put(message));
  const ending = watchEnding(context.wait(AbortSignal.any([left, over.signal])), () => {
    run.leave();
    inbox.wake();
  });
  const catchUp = createCatchUp(run, inbox);
  try {
    while (!left.aborted) {
      const items = inbox.takeAll();
      yield* whileWanted(items, context.signal, left);
      if (items.length > 0) continue;
      if (ending.reached !== null) return readEnding(ending.reached);
      if (inbox.isBehind) catchUp.ask();
      await inbox.changed();
    }
    return null;
  } finally {
    over.abort();
    run.leave();
    catchUp.close();
  }
}

function* whileWanted(
  items: Iterable<OutputItem>,
  signal: AbortSignal | undefined,
  left: AbortSignal,
): Generator<OutputItem, void, undefined> {
  for (const item of items) {
    if (left.aborted) return;
    signal?.throwIfAborted();
    yield item;
  }
}

function watchEnding(result: Promise<Result>, onEnding: () => void): { readonly reached: Ending | null } {
  const ending: { reached: Ending | null } = { reached: null };
  const reach = (reached: Ending): void => {
    ending.reached = reached;
    onEnding();
  };
  result.then(
    (value) => reach({ result: value }),
    (error: unknown) => reach({ error }),
  );
  return ending;
}

function readEnding(ending: Ending): Result {
  if ('error' in ending) throw ending.error;
  return ending.result;
}

/** Asks for everything once more, but not all the time: a follower who is always too slow gets what he misses from the result. */
function createCatchUp(run: Follow, inbox: OutputInbox): { ask(): void; close(): void } {
  let pauseMs = askPauses.firstMs;
  let pause: NodeJS.Timeout | null = null;
  return {
    ask() {
      if (pause !== null) return;
      run.askAgain();
      pause = setTimeout(() => {
        pause = null;
        inbox.wake(); // to look whether it has helped
      }, pauseMs);
      pauseMs = Math.min(pauseMs * 2, askPauses.longestMs);
    },
    close() {
      if (pause !== null) clearTimeout(pause);
    },
  };
}
