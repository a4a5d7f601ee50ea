import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Fleet, startFleet } from '../../support/fleet.ts';
import { type NativeGateway, shellJob, startNativeGateway } from './support/native-gateway.ts';
import { readAllEvents, readEvents, textOf } from './support/read-events.ts';

const rights = { scopes: ['jobs:submit', 'jobs:read', 'jobs:cancel'] as const };
let fleet: Fleet;
let gateway: NativeGateway;

beforeAll(async () => {
  fleet = await startFleet();
  gateway = await startNativeGateway(fleet.redisSocket, [
    { name: 'ci', ...rights, scopes: [...rights.scopes] },
    { name: 'cd', ...rights, scopes: [...rights.scopes] },
    { name: 'boss', scopes: ['jobs:read', 'jobs:all'] },
  ]);
});
afterAll(async () => {
  await gateway?.close();
  await fleet?.close();
});

const submit = async (script: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const response = await gateway.post('ci', '/v1/jobs', shellJob(script, more));
  expect(response.status).toBe(202);
  return response.headers.get('location') ?? '';
};
const read = async (path: string, key = 'ci'): Promise<Record<string, unknown>> =>
  (await (await gateway.ask(key, path)).json()) as Record<string, unknown>;
const isRunning = (job: string) => async (): Promise<boolean> => (await read(job))['state'] === 'running';

describe('a job through HTTP', () => {
  test('answers with its result when it ends within the wait', async () => {
    const job = {
      profile: 'python',
      files: [{ path: 'main.py', content: 'open("out", "wb").write(bytes([255])); print(input())' }],
      commands: [{ argv: ['python3', 'main.py'], stdin: 'héllo' }],
      collect: ['out'],
      labels: { course: 'one' },
    };
    const response = await gateway.post('ci', '/v1/jobs?wait=30', job);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      jobId: expect.stringMatching(/^ci\./),
      state: 'finished',
      commands: [{ outcome: { kind: 'exited', exitCode: 0 }, stdout: { data: 'héllo\n' } }],
      files: [{ state: 'collected', path: 'out', encoding: 'base64', data: '/w==' }],
      labels: { course: 'one' },
      receipt: { profile: { name: 'python' } },
    });
  });

  test('answers with a result, too, when its program fails', async () => {
    const response = await gateway.post('ci', '/v1/jobs?wait=30', shellJob('exit 3'));
    expect([response.status, await response.json()]).toEqual([
      200,
      expect.objectContaining({ commands: [expect.objectContaining({ outcome: { kind: 'exited', exitCode: 3 } })] }),
    ]);
  });

  test('is told where it is, and gives its result later', async () => {
    const job = await submit('echo done');
    const waited = await gateway.ask('ci', `${job}/result?wait=30`);
    expect([waited.status, ((await waited.json()) as { jobId: string }).jobId]).toEqual([
      200,
      job.slice('/v1/jobs/'.length),
    ]);
    expect(await read(job)).toEqual({
      id: job.slice('/v1/jobs/'.length),
      state: 'finished',
      position: null,
      submittedAt: expect.any(Number),
      startedAt: expect.any(Number),
      finishedAt: expect.any(Number),
    });
    expect((await gateway.ask('ci', `${job}/result`)).status).toBe(200);
    expect((await gateway.ask('ci', job, { method: 'DELETE' })).status).toBe(409);
  });

  test('is cancelled while it runs, and says so', async () => {
    const job = await submit('echo begun; sleep 30');
    await eventually('the job runs', isRunning(job));
    expect((await gateway.ask('ci', `${job}/result`)).status).toBe(409);
    const cancelled = await gateway.ask('ci', job, { method: 'DELETE' });
    expect(cancelled.status).toBe(202);
    expect(await read(`${job}/result?wait=20`)).toMatchObject({
      state: 'cancelled',
      commands: [{ outcome: { kind: 'cancelled' } }],
    });
  });

  test('is nobody else’s: other keys do not even learn that it is there', async () => {
    const job = await submit('echo secret');
    const result = await gateway.ask('ci', `${job}/result?wait=30`);
    expect(result.status).toBe(200);
    for (const path of [job, `${job}/result`, `${job}/events`]) {
      const stranger = await gateway.ask('cd', path);
      const nothing = await gateway.ask('cd', path.replace(/ci\.[^/]*/, 'cd.never'));
      expect([stranger.status, await stranger.text()]).toEqual([404, await nothing.text()]);
    }
    expect((await gateway.ask('cd', job, { method: 'DELETE' })).status).toBe(404);
    expect((await gateway.ask('boss', `${job}/result`)).status).toBe(200);
  });

  test('shares its cached result with equal jobs of its key, and with no other key', async () => {
    const job = shellJob('echo $RANDOM$RANDOM', { cache: {} });
    const outputs = [];
    for (const key of ['ci', 'ci', 'cd']) {
      const result = (await (await gateway.post(key, '/v1/jobs?wait=30', job)).json()) as {
        commands: { stdout: { data: string } }[];
        receipt: { cached?: object };
      };
      outputs.push([result.commands[0]?.stdout.data, result.receipt.cached !== undefined]);
    }
    const [first, second, third] = outputs;
    expect([first?.[1], second?.[1], third?.[1]]).toEqual([false, true, false]);
    expect(second?.[0]).toBe(first?.[0]);
    expect(third?.[0]).not.toBe(first?.[0]);
  });
});

describe('the events of a job', () => {
  test('tell its output while it runs, and its end', async () => {
    const job = await submit('echo one; read -t 2 <> <(:); echo two >&2; read -t 2 <> <(:); echo three');
    const events = [];
    let heardWhileRunning = false;
    for await (const event of readEvents(await gateway.ask('ci', `${job}/events`))) {
      events.push(event);
      if (event.event === 'stdout' && events.filter((each) => each.event === 'stdout').length === 1)
        heardWhileRunning = await isRunning(job)();
    }
    expect(heardWhileRunning).toBe(true);
    expect([textOf(events, 'stdout'), textOf(events, 'stderr')]).toEqual(['one\nthree\n', 'two\n']);
    expect(events[0]?.event).toBe('state');
    expect(events.at(-1)).toEqual({
      event: 'end',
      id: 'end',
      data: { id: job.slice('/v1/jobs/'.length), state: 'finished', outcomes: [{ kind: 'exited', exitCode: 0 }] },
    });
  });

  test('go on behind the last one that was heard, and are over after the end', async () => {
    const job = await submit('printf first; printf "\\xff\\xfe"; printf err >&2');
    const all = await readAllEvents(await gateway.ask('ci', `${job}/events`));
    expect([textOf(all, 'stdout'), textOf(all, 'stderr')]).toEqual(['first\xff\xfe', 'err']);
    const output = all.filter(({ event }) => event === 'stdout' || event === 'stderr');
    for (const [index, { id }] of output.entries()) {
      const rest = await readAllEvents(
        await gateway.ask('ci', `${job}/events`, { headers: { 'last-event-id': id ?? '' } }),
      );
      const heard = output.slice(0, index + 1);
      expect(textOf(heard, 'stdout') + textOf(rest, 'stdout')).toBe('first\xff\xfe');
      expect(textOf(heard, 'stderr') + textOf(rest, 'stderr')).toBe('err');
    }
    expect((await gateway.ask('ci', `${job}/events`, { headers: { 'last-event-id': 'end' } })).status).toBe(204);
  });

  test('begin anew for who comes back with the id of another run', async () => {
    const job = await submit('echo mine');
    const events = await readAllEvents(
      await gateway.ask('ci', `${job}/events`, { headers: { 'last-event-id': '5.abc_0.0' } }),
    );
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['restarted', 'stdout', 'end']));
    expect(textOf(events, 'stdout')).toBe('mine\n');
  });

  test('end the following when the client goes, and leave the job alone', async () => {
    const gone = new AbortController();
    const job = await submit('echo begun; sleep 1; echo over');
    const events = readEvents(await gateway.ask('ci', `${job}/events`, { signal: gone.signal }));
    for (let next = await events.next(); next.value?.event !== 'stdout'; next = await events.next());
    gone.abort();
    await expect(events.next()).rejects.toThrow('aborted');
    expect(await read(`${job}/result?wait=20`)).toMatchObject({ commands: [{ stdout: { data: 'begun\nover\n' } }] });
  });

  test('tell that a job was refused, as a problem', async () => {
    const job = await submit('true', { expiresAt: '2001-01-01T00:00:00Z' });
    const events = await readAllEvents(await gateway.ask('ci', `${job}/events`));
    expect(events.at(-1)?.data).toMatchObject({ state: 'failed', problem: { status: 504, code: 'expired' } });
    expect((await gateway.ask('ci', `${job}/result`)).status).toBe(504);
  });
});
