import {
  type FleetNames,
  followChannel,
  followKey,
  type LiveOutput,
  outputChannel,
  renderLiveOutput,
} from '@bullpen/protocol';
import type { RedisConnection } from '../redis/connect.ts';
import { FollowableRun } from './followable-run.ts';
import { createOutputPublisher } from './publish-output.ts';

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
  const runs = new Map<string, FollowableRun[]>();
  const channel = followChannel(names);

  function announced(jobId: string): void {
    for (const run of runs.get(jobId) ?? []) run.follow();
  }

  /** Behind the subscription, so that who follows from now on is announced to us or found here. */
  async function findMarked(): Promise<void> {
    await listener.subscribe(channel);
    const ids = [...runs.keys()];
    if (ids.length === 0) return;
    const marks = await commands.mget(ids.map((id) => followKey(names, id)));
    for (const [index, id] of ids.entries()) if (marks[index] !== null) announced(id);
  }

  const keeper = {
    publisherOf: ({ kept, jobId, attempt }: FollowableRun) =>
      createOutputPublisher({
        kept,
        attempt,
        onError,
        channel: {
          publish: (message: LiveOutput) => commands.publish(outputChannel(names, jobId), renderLiveOutput(message)),
          isFollowed: async () => (await commands.exists(followKey(names, jobId))) === 1,
        },
      }),
    forget(run: FollowableRun) {
      const others = (runs.get(run.jobId) ?? []).filter((other) => other !== run);
      if (others.length === 0) runs.delete(run.jobId);
      else runs.set(run.jobId, others);
    },
  };

  listener.on('message', (from: string, jobId: string) => {
    if (from === channel) announced(jobId);
  });
  await listener.subscribe(channel);
  listener.on('ready', () => {
    findMarked().catch(onError);
  });
  return {
    begin(jobId, attempt) {
      const run = new FollowableRun(keeper, jobId, attempt);
      const others = runs.get(jobId);
      if (others === undefined) runs.set(jobId, [run]);
      else others.push(run);
      return run;
    },
  };
}
