/** Name of the fleet's queue unless said. */
export const defaultQueueName = 'bullpen';

/** Prefix of every key unless said; the braces keep all keys of a fleet in one slot of a Redis Cluster. */
export const defaultKeyPrefix = '{bullpen}';

/** Where a fleet's data lives: the same two names for its producers and its workers. */
export interface FleetNames {
  readonly prefix: string;
  readonly queue: string;
}

export const defaultFleetNames: FleetNames = { prefix: defaultKeyPrefix, queue: defaultQueueName };

// The queue's own keys are PREFIX:QUEUE:... ; ours carry a word with a slash, which no queue key and no job id contains.

/** Holds one job's result as JSON, until its age is over. */
export function resultKey(names: FleetNames, jobId: string): string {
  return `${names.prefix}:${names.queue}/result:${jobId}`;
}

/** Holds a mark while a producer wants the job cancelled: seen by a worker that takes the job later than the announcement. */
export function cancelKey(names: FleetNames, jobId: string): string {
  return `${names.prefix}:${names.queue}/cancel:${jobId}`;
}

/** Holds what is in doubt about results of the fleet, as JSON; absent when nothing is. */
export function doubtsKey(names: FleetNames): string {
  return `${names.prefix}:${names.queue}/doubts`;
}

/** Holds what the fleet's workers say of their jails, each until it must be said again. */
export function rosterKey(names: FleetNames): string {
  return `${names.prefix}:${names.queue}/roster`;
}

/** Channel on which a producer announces the id of a job that it wants cancelled. */
export function cancelChannel(names: FleetNames): string {
  return `${names.prefix}:${names.queue}/cancels`;
}

/** Channel on which a producer announces the id of a job whose output it wants to follow while it runs. */
export function followChannel(names: FleetNames): string {
  return `${names.prefix}:${names.queue}/follows`;
}

/** Holds a mark while somebody follows a job's output: seen by a worker that takes the job later than the announcement. */
export function followKey(names: FleetNames, jobId: string): string {
  return `${names.prefix}:${names.queue}/follow:${jobId}`;
}

/** Channel on which the worker that runs a followed job tells what its programs write. */
export function outputChannel(names: FleetNames, jobId: string): string {
  return `${names.prefix}:${names.queue}/output:${jobId}`;
}

/** Holds the outcome of one computation for later jobs that ask for the same; `digest` covers everything that can change it. */
export function cacheKey(names: FleetNames, digest: string): string {
  return `${names.prefix}:${names.queue}/cache:${digest}`;
}

/** Names everything that `cacheKey` holds, oldest first, each with its bytes; and what all of it has together. */
export function cacheIndexKeys(names: FleetNames): readonly [index: string, bytes: string] {
  const start = `${names.prefix}:${names.queue}/cache-`;
  return [`${start}index`, `${start}bytes`];
}

/** Held by the one worker that computes what others wait for. */
export function flightKey(names: FleetNames, digest: string): string {
  return `${names.prefix}:${names.queue}/flight:${digest}`;
}

/** Holds when the bucket of requests of one holder of a quota, such as an API key, is full again: microseconds since the epoch, by the clock of Redis. */
export function rateKey(names: FleetNames, holder: string): string {
  return `${names.prefix}:${names.queue}/rate:${holder}`;
}

/** Holds the places of a holder's jobs that have not ended. */
export function placesKey(names: FleetNames, holder: string): string {
  return `${names.prefix}:${names.queue}/places:${holder}`;
}
