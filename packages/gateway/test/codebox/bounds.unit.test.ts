import { describe, expect, test } from 'vitest';
import { commandWith, openLonelyDoor } from './support/lonely-door.ts';

const { door, post } = openLonelyDoor(1_200_000);

describe('bounds', () => {
  const commands = (count: number) => Array.from({ length: count }, () => ({ command: '' }));
  const sources = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`../${index}`, '']));

  test('64 commands are taken, 65 are not', async () => {
    const taken = await post(JSON.stringify({ sources: {}, commands: commands(64) }));
    expect(JSON.parse(taken.text)).toHaveLength(64);
    const refused = await post(JSON.stringify({ sources: {}, commands: commands(65) }));
    expect(refused.status).toBe(422);
    expect(JSON.parse(refused.text).detail[0]).toEqual({
      type: 'too_long',
      loc: ['body', 'commands'],
      msg: 'List should have at most 64 items after validation, not 65',
      input: {},
      ctx: { field_type: 'List', max_length: 64, actual_length: 65 },
    });
  });

  test('2,000 sources are taken, 10,000 are not', async () => {
    const taken = await post(JSON.stringify({ sources: sources(2000), commands: [] }));
    expect(JSON.parse(taken.text)).toHaveLength(2000);
    const refused = await post(JSON.stringify({ sources: sources(10_000), commands: [] }));
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Dictionary should have at most 2000 items after validation, not 10000');
  });

  test('a command line has its length', async () => {
    const { status, text } = await post(commandWith(`"command":"${'x'.repeat(196_609)}"`));
    expect(status).toBe(422);
    expect(text).toContain('String should have at most 196608 characters');
    expect(text.length).toBeLessThan(2000);
  });

  test('all command lines together have theirs', async () => {
    const lines = (count: number) => Array.from({ length: count }, () => ({ command: ' '.repeat(131_072) }));
    expect((await post(JSON.stringify({ sources: {}, commands: lines(8) }))).status).toBe(200);
    const { status, text } = await post(JSON.stringify({ sources: {}, commands: lines(9) }));
    expect(status).toBe(422);
    expect(text).toContain('the command lines should have at most 1048576 characters together, not 1179648');
  });

  test('a body has its length', async () => {
    expect((await post(`{"sources":{"a":"${'x'.repeat(1_199_000)}"},"commands":[]}`)).status).toBe(200);
    const { status, text } = await post(' '.repeat(1_200_001));
    expect(status).toBe(413);
    expect(JSON.parse(text)).toEqual({ detail: 'The body must have at most 1200000 bytes, got 1200001: send less.' });
  });

  test('what is wrong a thousand times is told a hundred times', async () => {
    const { status, text } = await post(
      JSON.stringify({
        sources: Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${'a'.repeat(500)}${index}`, 1])),
      }),
    );
    expect(status).toBe(422);
    expect(JSON.parse(text).detail).toHaveLength(100);
  });

  test('long input is told by its beginning', async () => {
    const { text } = await post(JSON.stringify({ commands: 'x'.repeat(100_000) }));
    expect(text.length).toBeLessThan(4000);
    expect(JSON.parse(text).detail).toHaveLength(2);
  });

  test.for<[what: string, body: string | Uint8Array<ArrayBuffer>]>([
    ['deeper than Python reads', `{"sources":{},"commands":[],"x":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['of nothing but brackets', '['.repeat(900_000)],
    ['wide with values where commands are', `{"sources":{},"commands":[${'1,'.repeat(400_000)}1]}`],
    ['wide with values where nobody looks', `{"x":[[[[${'1,'.repeat(130_000)}${' '.repeat(3000)}1]]]]}`],
    ['of no UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
  ])('a body %s is a 400', async ([, body]) => {
    const { status, text } = await post(body);
    expect(status).toBe(400);
    expect(JSON.parse(text).detail).toMatch(/^There was an error parsing the body: .*\.?$/);
  });

  test('a body 800 levels deep is read, where nobody looks', async () => {
    expect((await post(`{"sources":{},"commands":[],"x":${'['.repeat(800)}${']'.repeat(800)}}`)).status).toBe(200);
  });
});

describe('routes', () => {
  test('there is no way round the jail', async () => {
    expect(
      (
        await door.request('/execute_insecure', {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(404);
  });

  test.for([
    ['GET', '/execute', 'POST'],
    ['PUT', '/execute', 'POST'],
    ['POST', '/languages', 'GET'],
  ] as const)('%s %s is a 405', async ([method, path, allow]) => {
    const response = await door.request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toEqual({ detail: 'Method Not Allowed' });
  });

  test('every answer names its request and tells its time', async () => {
    const answers = await Promise.all([post('{"sources":{},"commands":[]}'), post('nope')]);
    const names = answers.map(({ headers }) => headers.get('x-request-id'));
    expect(new Set(names).size).toBe(2);
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toMatch(/^[\w-]{12}$/);
      expect(headers.get('x-processed-time')).toMatch(/^\d+(\.\d+|e-\d\d|\.\d+e-\d\d)$/);
    }
  });
});

describe('what needs no jail is answered without one', () => {
  test('no command', async () => {
    expect(await post('{"sources":{"a":"1"},"commands":[]}')).toMatchObject({ status: 200, text: '[]' });
  });

  test('bad paths: one answer each, and no command is run', async () => {
    const { status, text } = await post(
      '{"sources":{"../a":"","b":"","/c/../../d":""},"commands":[{"command":"true"}]}',
    );
    expect(status).toBe(200);
    expect(text).toBe(
      '[{"stdout":"","stderr":"Invalid file path: /a","exit_code":-1,"elapsed_time":0},' +
        '{"stdout":"","stderr":"Invalid file path: /d","exit_code":-1,"elapsed_time":0}]',
    );
  });

  test('keys that codebox does not know are passed over, and the last of two equal ones counts', async () => {
    const { status, text } = await post(
      '{"sources":{},"commands":1,"x":NaN,"commands":[{"command":"x","command":"","colour":1,"timeout":true,"stdin":null}]}',
    );
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual([{ stdout: '', stderr: '', exit_code: 255, elapsed_time: 0 }]);
  });
});

test('a failure of ours is a 500 without a word of its cause', async () => {
  const { status, text } = await post('{"sources":{},"commands":[{"command":"true"}]}');
  expect(status).toBe(500);
  expect(JSON.parse(text)).toEqual({ detail: 'Internal Server Error' });
});
