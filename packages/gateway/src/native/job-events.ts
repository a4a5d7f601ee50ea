import type { JobHandle, JobStatus, OutputItem } from '@bullpen/client';
import { BullpenError, decodeOutput, encodeBytes, type Result } from '@bullpen/protocol';
import { describeProblem, problemOf } from '../http/problem.ts';
import { OutputPosition } from './output-position.ts';
import { OtherRun, resumeOutput, type ToldItem } from './resume-output.ts';

/** One server-sent event. */
export interface JobEvent {
  readonly event: 'state' | 'stdout' | 'stderr' | 'restarted' | 'end';
  readonly data: unknown;
  /** What `Last-Event-ID` says when a client comes back. */
  readonly id?: string;
}

/** What the client has heard so far was of another run; the id makes it forget where it was. */
const otherRun: JobEvent = { event: 'restarted', data: { attempt: null }, id: '' };

/** The id of the last event of all. */
export const endId = 'end';

/** What a stream yields when nothing has happened for a while. */
export const heartbeat = Symbol('heartbeat');

export interface EventPauses {
  /** How often it is asked whether a waiting job has moved. */
  readonly waitingMs: number;
  /** The longest silence. */
  readonly heartbeatMs: number;
}

/** What happens to a job until it has ended: states, output behind `from`, and the end. Rejects when Redis goes away, and with the signal's reason. */
export async function* jobEvents(
  handle: JobHandle,
  from: OutputPosition,
  { signal, pauses }: { readonly signal: AbortSignal; readonly pauses: EventPauses },
): AsyncGenerator<JobEvent | typeof heartbeat, void, undefined> {
  try {
    let status = await handle.status();
    yield stateEvent(status);
    const told: { result?: Result | undefined } = {};
    const output = resumeOutput(keepResult(handle.output({ signal }), told), from);
    try {
      let next = output.next();
      next.catch(ignore);
      while (true) {
        const pauseMs = status.state === 'waiting' ? pauses.waitingMs : pauses.heartbeatMs;
        const got = await raceWithPause(next, pauseMs, signal);
        if (got === null || status.state === 'waiting') {
          const before = status;
          status = await handle.status();
          if (status.state !== before.state || status.position !== before.position) yield stateEvent(status);
          else if (got === null) yield heartbeat;
        }
        if (got === null) continue;
        if (got.done === true) break;
        yield outputEvent(got.value);
        next = output.next();
        next.catch(ignore);
      }
    } finally {
      output.return().catch(ignore);
    }
    // By the time that a slow client has heard everything, Redis may no longer have it.
    yield endEvent(told.result ?? (await handle.result({ signal })));
  } catch (error) {
    if (error instanceof OtherRun) {
      yield otherRun;
      yield* jobEvents(handle, new OutputPosition(), { signal, pauses });
      return;
    }
    if (signal.aborted || !(error instanceof BullpenError) || isPassing(error)) throw error;
    yield {
      event: 'end',
      id: endId,
      data: { id: handle.id, state: 'failed', problem: describeProblem(problemOf(error)) },
    };
  }
}

/** The same output; `told` has its result in the end. */
async function* keepResult(
  output: ReturnType<JobHandle['output']>,
  told: { result?: Result | undefined },
): AsyncGenerator<OutputItem, void, undefined> {
  told.result = yield* output;
}

/** The same of a job that has ended, from its result alone. */
export async function* endedEvents(result: Result, from: OutputPosition): AsyncGenerator<JobEvent, void, undefined> {
  yield { event: 'state', data: { state: result.state, position: null } };
  try {
    for await (const item of resumeOutput(outputOf(result), from)) yield outputEvent(item);
  } catch (error) {
    if (!(error instanceof OtherRun)) throw error;
    yield otherRun;
    for await (const item of resumeOutput(outputOf(result), new OutputPosition())) yield outputEvent(item);
  }
  yield endEvent(result);
}

const pieceBytes = 65_536;

async function* outputOf({ commands }: Result): AsyncGenerator<OutputItem, void, undefined> {
  for (const [command, report] of commands.entries()) {
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = decodeOutput(report[stream]);
      for (let at = 0; at < bytes.length; at += pieceBytes)
        yield { kind: 'output', command, stream, bytes: bytes.subarray(at, at + pieceBytes) };
    }
  }
}

/** Whoever has left does not hear of what came after. */
function ignore(): void {}

/** The job may still have a result: whoever comes back will hear. */
function isPassing({ code }: BullpenError): boolean {
  return code === 'redis-unavailable' || code === 'client-closed';
}

/** Null when nothing came in the time. */
async function raceWithPause<Value>(next: Promise<Value>, pauseMs: number, signal: AbortSignal): Promise<Value | null> {
  signal.throwIfAborted();
  const { promise: over, resolve, reject } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), pauseMs);
  const leave = (): void => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race<Value | null>([next, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
}

function stateEvent({ state, position }: JobStatus): JobEvent {
  return { event: 'state', data: { state, position: position ?? null } };
}

function outputEvent(item: ToldItem): JobEvent {
  if (item.kind === 'restarted') return { event: 'restarted', data: { attempt: item.attempt }, id: item.position };
  const { command, stream, bytes, position } = item;
  return { event: stream, data: { command, ...encodeBytes(bytes) }, id: position };
}

/** What became of the job in short; the result has the rest. */
function endEvent({ jobId, state, commands }: Result): JobEvent {
  return { event: 'end', id: endId, data: { id: jobId, state, outcomes: commands.map(({ outcome }) => outcome) } };
}
