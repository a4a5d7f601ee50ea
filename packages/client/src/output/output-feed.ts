import {
  type FleetNames,
  followChannel,
  followKey,
  type LiveOutput,
  outputChannel,
  parseLiveOutput,
} from '@bullpen/protocol';
import type { Cluster, Redis } from 'ioredis';

export interface OutputFeedOptions {
  readonly names: FleetNames;
  /** Makes the connection that listens, with the first follow. It waits out outages by itself. */
  openListener(): Redis | Cluster;
  /** One exchange over the client's connection; rejects when Redis is away. */
  ask<Value>(exchange: (redis: Redis | Cluster) => Promise<Value>): Promise<Value>;
}

/** One follower of one job. */
export interface Follow {
  /** Asks the worker to tell everything from the beginning. */
  askAgain(): void;
  leave(): void;
}

/**
 * What workers say about the output of followed jobs: one connection however many jobs are followed. Nothing here rejects: what is not heard
 * is in the result.
 */
export interface OutputFeed {
  follow(jobId: string, onMessage: (message: LiveOutput) => void): Follow;
  close(): void;
}

/** A worker that takes the job so long after the last word still tells its output. */
const markMs = 30_000;
/** How often the mark of a job that is still followed is set again. */
const refreshMs = 10_000;

export function createOutputFeed({ names, openListener, ask }: OutputFeedOptions): OutputFeed {
  const followed = new Map<string, Set<(message: LiveOutput) => void>>();
  /** Of those, the jobs whose worker knows. */
  const heard = new Set<string>();
  let listener: Redis | Cluster | null = null;
  let refreshing: NodeJS.Timeout | null = null;

  function open(): Redis | Cluster {
    const opened = openListener();
    let wasLost = false;
    opened.on('error', ignoreError);
    opened.on('message', onMessage);
    opened.on('close', () => (wasLost = true));
    opened.on('ready', () => {
      if (wasLost) for (const jobId of followed.keys()) subscribe(jobId);
    });
    return opened;
  }

  function onMessage(channel: string, text: string): void {
    const jobId = channel.slice(outputChannel(names, '').length);
    const followers = followed.get(jobId);
    const message = followers === undefined ? null : parseLiveOutput(text);
    if (message === null) return;
    heard.add(jobId);
    for (const tell of followers ?? []) tell(message);
  }

  /** The announcement comes last: what is told from then on is heard. */
  function subscribe(jobId: string): void {
    listener ??= open();
    listener
      .subscribe(outputChannel(names, jobId))
      .then(() => announce(jobId))
      .catch(ignoreError);
  }

  /** The mark comes first: whatever worker takes the job from now on finds it, the one that runs it hears the announcement. */
  async function announce(jobId: string): Promise<void> {
    await ask((redis) => redis.set(followKey(names, jobId), '1', 'PX', markMs));
    await ask((redis) => redis.publish(followChannel(names), jobId));
  }

  /** A mark that had run out was missed by whoever looked for it; and an announcement may be lost. */
  async function refresh(jobId: string): Promise<void> {
    const before = await ask((redis) => redis.set(followKey(names, jobId), '1', 'PX', markMs, 'GET'));
    if (before === null || !heard.has(jobId)) await ask((redis) => redis.publish(followChannel(names), jobId));
  }

  function startRefreshing(): void {
    refreshing ??= setInterval(() => {
      for (const jobId of followed.keys()) refresh(jobId).catch(ignoreError);
    }, refreshMs);
  }

  function stopRefreshing(): void {
    if (refreshing !== null) clearInterval(refreshing);
    refreshing = null;
  }

  function forget(jobId: string): void {
    followed.delete(jobId);
    heard.delete(jobId);
    listener?.unsubscribe(outputChannel(names, jobId)).catch(ignoreError);
    if (followed.size === 0) stopRefreshing();
  }

  return {
    follow(jobId, tell) {
      const followers = followed.get(jobId) ?? new Set();
      followed.set(jobId, followers.add(tell));
      if (followers.size === 1) subscribe(jobId);
      else announce(jobId).catch(ignoreError);
      startRefreshing();
      return {
        askAgain: () => void announce(jobId).catch(ignoreError),
        leave() {
          if (followers.delete(tell) && followers.size === 0) forget(jobId);
        },
      };
    },
    close() {
      stopRefreshing();
      followed.clear();
      listener?.disconnect();
    },
  };
}

/** What is not heard is in the result; a Redis that is away is told by whoever waits for that. */
function ignoreError(): void {}
