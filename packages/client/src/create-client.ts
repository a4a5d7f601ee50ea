import { randomBytes } from 'node:crypto';
import { type Catalog, createCatalog, type Profile } from '@bullpen/profiles';
import { BullpenError, defaultFleetNames, doubtsKey, resultKey, type Result } from '@bullpen/protocol';
import { cancelJob } from './cancel-job.ts';
import { type CodejailCalls, makeCodejailCalls } from './codejail/codejail-calls.ts';
import { defaultPolicy, type Policy } from './codejail/policy.ts';
import { type ConnectionTarget, openConnection } from './connection.ts';
import { withinDeadline } from './deadline.ts';
import { type JobHandle, makeJobHandle } from './job-handle.ts';
import type { JobToSubmit } from './job-to-submit.ts';
import { createOutputFeed } from './output/output-feed.ts';
import { SharedResults } from './output/shared-results.ts';
import { type PreparedJob, prepareJob, prepareNth } from './prepare-job.ts';
import { openQueueDoor } from './queue-door.ts';
import { type Backlog, openQueueLine } from './queue-line.ts';
import { openQuotas, type Quotas } from './quotas.ts';
import { createResultStore } from './result-store.ts';
import { createResultWaiters } from './result-waiters.ts';
import { sendInBatches } from './submit-many.ts';
import { idTakenError, readSubmittedDigest } from './submitted-digest.ts';

export interface ClientOptions {
  readonly connection: ConnectionTarget;
  /** Name of the fleet's queue; `bullpen` unless said. */
  readonly queue?: string;
  /** Prefix of every key in Redis; `{bullpen}` unless said. Must contain a hash tag for Redis Cluster. */
  readonly prefix?: string;
  /** The operator's profiles, besides the built-in ones: jobs are checked against them before they are sent. */
  readonly profiles?: readonly Profile[];
  /** Takes the place of the built-in profiles and `profiles` together. */
  readonly catalog?: Catalog;
  /** How long to wait for a Redis that is away before a call fails, in milliseconds; 1500 unless said. */
  readonly failFastMs?: number;
  /** How long one exchange with a Redis that is there may take before the call fails, in milliseconds; 30,000 unless said. */
  readonly exchangeMs?: number;
  /** How long the result of a job that was cancelled while it waited is kept, in milliseconds; a day unless said. */
  readonly resultTtlMs?: number;
  /** Limits, overrides and commands of `safeExec` and `jailCode`, as `parsePolicy` reads them; codejail's defaults unless said. */
  readonly policy?: Policy;
  /** What marks the answers of `safeExec`, 16 bytes or more; random unless said. Clients with the same one share cached results. */
  readonly answerSecret?: Uint8Array;
}

export interface SubmitOptions {
  /**
   * What becomes of a job whose id was used for another job: `return-first` (unless said) returns a handle of that one, `refuse` throws BullpenError
   * `id-taken`. Jobs are the same when all their fields are, labels and `expiresAt` included. Costs a round trip.
   */
  readonly onConflict?: 'return-first' | 'refuse';
  /** Says that the job's id was made for it at random and never used, as the client's own ids are: waiting for the job then needs fewer questions. */
  readonly isNewId?: boolean;
}

/** A producer's way to a fleet. */
export interface Client extends CodejailCalls {
  /**
   * Checks a job and puts it into the queue. Submitting an id twice returns the first job. Throws BullpenError `invalid-job`, `unknown-profile`,
   * `limit-above-ceiling`, or `redis-unavailable`: then the job may or may not have been queued, and submitting it again with the same id is safe.
   */
  submit(job: JobToSubmit, options?: SubmitOptions): Promise<JobHandle>;
  /**
   * Submits a stream of jobs of any length, in batches and with bounded memory, and yields a handle for each in order. Errors are those of
   * `submit` and name the job's place in the stream; the jobs before it were submitted and their handles yielded.
   */
  submitMany(jobs: Iterable<JobToSubmit> | AsyncIterable<JobToSubmit>): AsyncGenerator<JobHandle, void, undefined>;
  /** A handle of a job that was submitted earlier or elsewhere. Does not ask Redis. */
  job(id: string): JobHandle;
  /** How many jobs of the fleet wait and run, in one round trip. Throws BullpenError `redis-unavailable`. */
  backlog(): Promise<Backlog>;
  /** Counts for producers that send jobs for others. */
  readonly quotas: Quotas;
  /** Ends all waiting with an error and closes what the client opened. Closing twice is fine. */
  close(): Promise<void>;
}

/** One exchange with a Redis that is there, however large: beyond this it hangs. */
const usualExchangeMs = 30_000;

/** Connects to a fleet in the background: a Redis that is away shows in the first call that needs it. */
export function createClient(options: ClientOptions): Client {
  const { failFastMs = 1500, exchangeMs = usualExchangeMs } = options;
  const names = { queue: options.queue ?? defaultFleetNames.queue, prefix: options.prefix ?? defaultFleetNames.prefix };
  const catalog = options.catalog ?? createCatalog(options.profiles);
  const connection = openConnection(options.connection, failFastMs);
  const door = openQueueDoor({ connection, ...names });
  const results = createResultStore({
    connection,
    keyOf: (id) => resultKey(names, id),
    doubtsKey: doubtsKey(names),
    ttlMs: options.resultTtlMs ?? 86_400_000,
  });
  let closing: Promise<void> | null = null;

  async function ask<Value>(exchange: () => Promise<Value>): Promise<Value> {
    if (closing !== null) throw closedError();
    try {
      await connection.usable();
      return await withinDeadline(exchangeMs, exchange);
    } catch (error) {
      // Closing ends what is under way, which then looks like a Redis that is away.
      throw closing === null ? error : closedError();
    }
  }

  const queueBase = `${names.prefix}:${names.queue}`;
  const line = openQueueLine(connection, queueBase);
  const waiters = createResultWaiters({
    readResults: (ids) => ask(() => results.read(ids)),
    state: (id) => ask(() => door.state(id)),
    listen: (onEnding) => ask(() => door.listen(onEnding)),
  });
  const feed = createOutputFeed({
    names,
    openListener: () => connection.openPatient(),
    ask: (exchange) => ask(() => exchange(connection.redis)),
  });
  const shared = new SharedResults();
  const handles = {
    follow: feed.follow,
    share: (result: Result) => shared.share(result),
    wait: (id: string, signal: AbortSignal) => waiters.wait(id, signal),
    cancel: (id: string) => ask(() => cancelJob({ names, connection, door, results }, id)),
    queueState: (id: string) => ask(() => door.state(id)),
    place: (id: string) => ask(() => line.place(id)),
    readResult: async (id: string): Promise<Result | null> => (await ask(() => results.read([id])))[0] ?? null,
  };
  const job = (id: string): JobHandle => makeJobHandle(handles, id);

  async function send(prepared: readonly PreparedJob[]): Promise<readonly JobHandle[]> {
    waiters.expect(prepared.filter(({ hasNewId }) => hasNewId).map(({ entry }) => entry.id));
    await ask(() => door.add(prepared.map(({ entry }) => entry)));
    return prepared.map(({ entry }) => job(entry.id));
  }

  /** Both are looked at: a result outlives the queue's record, and a record without a result may have been made anew. */
  async function refuseOther({ id, message: { digest } }: PreparedJob['entry']): Promise<void> {
    if (digest === undefined) return; // nobody else can know this id
    const ofRecord = ask(() => readSubmittedDigest(connection, `${queueBase}:${id}`));
    const [result, record] = await Promise.all([handles.readResult(id), ofRecord]);
    const first = result === null ? record : result.digest;
    if (first !== undefined && first !== null && first !== digest) throw idTakenError(id);
  }

  async function closeAll(): Promise<void> {
    await waiters.close(closedError());
    feed.close();
    await door.close();
    await connection.close();
  }

  async function submit(input: JobToSubmit, options: SubmitOptions = {}): Promise<JobHandle> {
    const { onConflict = 'return-first', isNewId = false } = options;
    const prepared = prepareJob(input, catalog);
    await send([{ ...prepared, hasNewId: prepared.hasNewId || isNewId }]);
    if (onConflict === 'refuse') await refuseOther(prepared.entry);
    return job(prepared.entry.id);
  }

  const counts = openQuotas({ connection, names });
  const quotas: Quotas = {
    take: (holder, request) => ask(() => counts.take(holder, request)),
    giveBack: (holder, place) => ask(() => counts.giveBack(holder, place)),
  };
  const { policy = defaultPolicy, answerSecret: secret = randomBytes(32) } = options;
  return {
    ...makeCodejailCalls({ submit, catalog, policy, secret }),
    submit,
    submitMany: (inputs) => sendInBatches(inputs, (input, index) => prepareNth(input, catalog, index), send),
    job,
    backlog: () => ask(() => line.backlog()),
    quotas,
    close: () => (closing ??= closeAll()),
  };
}

function closedError(): BullpenError {
  return new BullpenError('client-closed', 'The client is closed: make a new one to go on.');
}
