import { describe, expect, test } from 'vitest';
import { codeExec, field, file, multipart, openTestDoor, smallBounds, urlencoded } from './support/routes.ts';

const good = '{"code":"x","globals_dict":{"a": NaN}}';

describe('bounds', () => {
  const codeOf = (bytes: number): string => `{"code":"${'x'.repeat(bytes)}","globals_dict":{}}`;
  const chunks = (count: number): ReadableStream<Uint8Array> =>
    new ReadableStream({
      pull(controller) {
        if (count === 0) controller.close();
        else controller.enqueue(new Uint8Array(1000));
        count -= 1;
      },
    });

  test.each([
    ['a payload', multipart(field(codeOf(smallBounds.payloadBytes)))],
    ['a library', multipart(field(good), file(Buffer.alloc(smallBounds.uploadBytes + 1)))],
    ['a body', urlencoded(codeOf(smallBounds.bodyBytes))],
    ['a form of too many parts', multipart(...Array.from({ length: 11 }, () => field(good)))],
    ['a form of too many fields', { ...urlencoded(''), body: 'a=1&'.repeat(11) }],
  ])('%s that is too large is 413, in JSON', async (_, request) => {
    const door = openTestDoor();
    const response = await door.send(codeExec, request);
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ error: expect.stringMatching(/must (be|have) at most \d+/) });
    expect(door.log).toMatchObject([{ status: 'invalid.size' }]);
  });

  test('what is just small enough is run', async () => {
    const door = openTestDoor();
    const payload = codeOf(smallBounds.payloadBytes - codeOf(0).length);
    await door.send(codeExec, multipart(field(payload), file(Buffer.alloc(11_000))));
    await door.send(codeExec, multipart(...Array.from({ length: 10 }, () => field(good))));
    expect(door.executions).toHaveLength(2);
  });

  test('a body of unknown length is read no further than the bound', async () => {
    const door = openTestDoor();
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: () => void (isCancelled = true),
    });
    const response = await door.send(codeExec, { ...urlencoded(''), body: endless, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
    expect(isCancelled).toBe(true);
  });

  test('a body whose connection breaks is refused', async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('reset')) });
    const response = await openTestDoor().send(codeExec, {
      ...urlencoded(''),
      body: broken,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(400);
  });

  test('a body of unknown length within the bound is read', async () => {
    const door = openTestDoor();
    const response = await door.send(codeExec, { ...urlencoded(''), body: chunks(3), duplex: 'half' } as RequestInit);
    expect(await response.json()).toEqual({ error: "Missing 'payload' parameter in POST body" });
  });
});

describe('faults', () => {
  test('an unexpected error is a 500 that tells nothing of it, is logged whole, and casts doubt on the fleet', async () => {
    const door = openTestDoor({ execute: () => Promise.reject(new Error('secret')) });
    const response = await door.send(codeExec, urlencoded(good));
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: 'The gateway failed unexpectedly: its log says more.' });
    expect(JSON.stringify(door.log)).toContain('secret');
    expect(door.doubts).toBe(1);
  });

  test('a client that went away before is logged as such', async () => {
    const gone = new AbortController();
    const door = openTestDoor({
      execute: async (_, end) => {
        gone.abort();
        end.gone.throwIfAborted();
        throw new Error('The signal of the request does not reach the execution.');
      },
    });
    await door.send(codeExec, { ...urlencoded(good), signal: gone.signal });
    expect(door.log).toMatchObject([{ status: 'client.gone' }]);
    expect(door.doubts).toBe(0);
  });
});
