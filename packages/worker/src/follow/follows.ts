import {
  type FleetNames,
  followChannel,
  followKey,
  type LiveOutput,
  outputChannel,
  renderLiveOutput,
} from '@bullpen/protocol';
import type { RedisConnection } from '../redis/connect.ts';
import { KeptOutput, type OutputWatcher } from './kept-output.ts';
import { createOutputPublisher, type OutputPublisher } from './publish-output.ts';

/** One run whose output may be followed. */
export interface FollowableRun {
  /** To be told what the run writes. */
  readonly output: OutputWatcher;
  readonly isFollowed: boolean;
  /** Somebody follows: the job's mark was there. */
  follow(): void;
  /** The run is over. Must be called; what is told afterwards goes nowhere. */
  end(): void;
}

/** The runs of this worker by job, and who follows them. */
export interface Follows {
  /** Registers a run. Asked before the job's mark is read, so that whoever follows is found there or announced to us. */
  begin(jobId: string, attempt: number): FollowableRun;
}

export interface FollowsOptions {
  /** Listens already, or will; shared with other channels. */
  readonly listener: RedisConnection;
  readonly commands: RedisConnection;
  readonly names: FleetNames;
  onError(error: unknown): void;
}

/**
 * Publishes the output of jobs while somebody follows them. A producer announces that it follows a job; what was announced while the
 * connection was down is found by the producers' marks when it is up again.
 */
export async function openFollows(options: FollowsOptions): Promise<Follows> {
  const { listener, commands, names, onError } = options;
  const runs = new Map<string, Set<OutputPublisher>>();
  const channel = followChannel(names);

  function announced(jobId: string): void {
    for (const publisher of runs.get(jobId) ?? []) publisher.follow();
  }

  /** Behind the subscription, so that who follows from now on is announced to us or found here. */
  async function findMarked(): Promise<void> {
    await listener.subscribe(channel);
    const ids = [...runs.keys()];
    if (ids.length === 0) return;
    const marks = await commands.mget(ids.map((id) => followKey(names, id)));
    for (const [index, id] of ids.entries()) if (marks[index] !== null) announced(id);
  }

  function forget(jobId: string, publisher: OutputPublisher): void {
    const publishers = runs.get(jobId);
    publishers?.delete(publisher);
    if (publishers?.size === 0) runs.delete(jobId);
  }

  listener.on('message', (from: string, jobId: string) => {
    if (from === channel) announced(jobId);
  });
  await listener.subscribe(channel);
  listener.on('ready', () => {
    findMarked().catch(onError);
  });
  return {
    begin(jobId, attempt) {
      const kept = new KeptOutput(() => publisher.wake());
      const publisher = createOutputPublisher({
        kept,
        attempt,
        onError,
        channel: {
          publish: (message: LiveOutput) => commands.publish(outputChannel(names, jobId), renderLiveOutput(message)),
          isFollowed: async () => (await commands.exists(followKey(names, jobId))) === 1,
        },
      });
      const publishers = runs.get(jobId) ?? new Set();
      runs.set(jobId, publishers.add(publisher));
      return {
        output: kept,
        get isFollowed() {
          return publisher.isFollowed;
        },
        follow: () => publisher.follow(),
        end() {
          forget(jobId, publisher);
          publisher.end();
        },
      };
    },
  };
}
