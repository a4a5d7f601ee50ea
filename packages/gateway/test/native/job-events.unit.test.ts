import type { JobHandle, JobStatus, OutputItem } from '@bullpen/client';
import { BullpenError, type Result } from '@bullpen/protocol';
import { describe, expect, it } from 'vitest';
import { heartbeat, type JobEvent, jobEvents } from '../../src/native/job-events.ts';
import { OutputPosition } from '../../src/native/output-position.ts';

const result = {
  jobId: 'ci.1',
  state: 'finished',
  commands: [{ outcome: { kind: 'exited', exitCode: 0 } }],
} as unknown as Result;
const waiting = (position: number): JobStatus => ({ state: 'waiting', position, submittedAt: 1 });
const running: JobStatus = { state: 'running', submittedAt: 1 };
const item = (text: string): OutputItem => ({ kind: 'output', command: 0, stream: 'stdout', bytes: Buffer.from(text) });
const pauses = { waitingMs: 5, heartbeatMs: 5 };
const never = new AbortController().signal;

interface Story {
  /** The answers to one question after another; the last one stays. */
  readonly statuses: readonly JobStatus[];
  readonly output: () => AsyncIterableIterator<OutputItem, Result | undefined, undefined>;
  readonly end?: Error;
}

function makeHandle({ statuses, output, end }: Story): JobHandle {
  let asked = 0;
  const handle: Partial<JobHandle> = {
    id: 'ci.1',
    status: async () => statuses[Math.min(asked++, statuses.length - 1)] ?? running,
    output,
    async result() {
      if (end !== undefined) throw end;
      return result;
    },
  };
  return handle as JobHandle;
}

async function* silence(turns: number): AsyncGenerator<OutputItem, undefined, undefined> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  yield* [];
}

async function hear(story: Story, signal = never): Promise<(JobEvent | typeof heartbeat)[]> {
  const heard = [];
  for await (const event of jobEvents(makeHandle(story), new OutputPosition(), { signal, pauses })) heard.push(event);
  return heard;
}

const dataOf = (events: readonly (JobEvent | typeof heartbeat)[], name: string): unknown[] =>
  events
    .filter((event) => event !== heartbeat)
    .filter(({ event }) => event === name)
    .map(({ data }) => data);

describe('the events of a job', () => {
  it('say each state and place once', async () => {
    const statuses = [waiting(3), waiting(3), waiting(1), running];
    const events = await hear({ statuses, output: () => silence(20) });
    expect(dataOf(events, 'state')).toEqual([
      { state: 'waiting', position: 3 },
      { state: 'waiting', position: 1 },
      { state: 'running', position: null },
    ]);
    expect(dataOf(events, 'end')).toEqual([
      { id: 'ci.1', state: 'finished', outcomes: [{ kind: 'exited', exitCode: 0 }] },
    ]);
  });

  it('end with the result that the output came from, whether or not it is still kept', async () => {
    const end = new BullpenError('result-missing', 'It is no longer kept.');
    const output = async function* () {
      yield item('all');
      return result;
    };
    const ended = { id: 'ci.1', state: 'finished', outcomes: [{ kind: 'exited', exitCode: 0 }] };
    expect(dataOf(await hear({ statuses: [running], output, end }), 'end')).toEqual([ended]);
    const failed = await hear({ statuses: [running], output: () => silence(1), end });
    expect(dataOf(failed, 'end')).toMatchObject([{ state: 'failed', problem: { code: 'result-missing' } }]);
  });

  it('say that a job runs before what it writes', async () => {
    const output = async function* () {
      yield item('early');
      return undefined;
    };
    const events = await hear({ statuses: [waiting(1), running], output });
    expect(events.map((event) => event !== heartbeat && event.event)).toEqual(['state', 'state', 'stdout', 'end']);
  });

  it('beat when nothing happens', async () => {
    const events = await hear({ statuses: [running], output: () => silence(10) });
    expect(events.filter((event) => event === heartbeat).length).toBeGreaterThan(1);
  });

  it('end with the problem of a job that failed', async () => {
    const end = new BullpenError('jail-failed', 'No jail could be made.');
    const events = await hear({ statuses: [running], output: () => silence(0), end });
    expect(dataOf(events, 'end')).toMatchObject([{ state: 'failed', problem: { status: 500, code: 'jail-failed' } }]);
  });

  it('break off without an end when Redis goes away, so that the client comes back', async () => {
    const end = new BullpenError('redis-unavailable', 'away');
    await expect(hear({ statuses: [running], output: () => silence(0), end })).rejects.toBe(end);
  });

  it('stop when the client goes, whatever they wait for', async () => {
    const gone = new AbortController();
    const heard = hear({ statuses: [running], output: () => silence(1000) }, gone.signal);
    gone.abort(new Error('gone'));
    await expect(heard).rejects.toThrow('gone');
  });

  it('leave nothing behind that fails unheard, when the client goes between two events', async () => {
    const gone = new AbortController();
    const unheard: unknown[] = [];
    const note = (error: unknown): void => void unheard.push(error);
    process.on('unhandledRejection', note);
    const output = async function* (): AsyncGenerator<OutputItem, undefined, undefined> {
      gone.signal.throwIfAborted();
      yield item('never');
      return undefined;
    };
    const handle = makeHandle({ statuses: [running], output });
    const events = jobEvents(handle, new OutputPosition(), { signal: gone.signal, pauses });
    await events.next();
    gone.abort(new Error('gone'));
    await expect(events.next()).rejects.toThrow('gone');
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', note);
    expect(unheard).toEqual([]);
  });

  it('say that a run was interrupted', async () => {
    const output = async function* () {
      yield item('void');
      yield { kind: 'restarted', attempt: 2 } as const;
      yield item('new');
      return undefined;
    };
    const events = await hear({ statuses: [running], output });
    expect(dataOf(events, 'restarted')).toEqual([{ attempt: 2 }]);
    expect(dataOf(events, 'stdout')).toMatchObject([{ data: 'void' }, { data: 'new' }]);
  });
});
