import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import { checkJsonBounds, jsonBounds } from '../../src/http/read-json.ts';
import { jsonOf, openApp } from '../support/open-app.ts';

const nested = (depth: number): Buffer<ArrayBuffer> => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
const many = (values: number): Buffer<ArrayBuffer> =>
  Buffer.from(`[${Array.from({ length: values - 1 }, () => '0').join(',')}]`);
const check = (bytes: Buffer) => (): void => checkJsonBounds(bytes);

describe('bounds of JSON', () => {
  it('allow as deep as the bound and no deeper', () => {
    expect(check(nested(jsonBounds.depth))).not.toThrow();
    expect(check(nested(jsonBounds.depth + 1))).toThrow('nested deeper than 32');
  });

  it('allow as many values as the bound and no more', () => {
    expect(check(many(jsonBounds.values))).not.toThrow();
    expect(check(many(jsonBounds.values + 2))).toThrow('more than 100000 values');
  });

  it('do not count what stands in texts, however they are escaped', () => {
    const text = '[{,"\\'.repeat(100_000);
    expect(check(Buffer.from(JSON.stringify({ [text]: text, other: '\\' })))).not.toThrow();
    expect(check(Buffer.from(`{"a\\\\":${nested(40).toString()}}`))).toThrow('nested deeper');
    expect(check(Buffer.from(`{"a\\":${nested(40).toString()}}`))).not.toThrow(); // all of it is an unended text
  });

  it('refuse no JSON that is within them', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 12 }), (text) => check(Buffer.from(text))()));
  });

  it('are found in a moment, whatever the body is made of', async () => {
    const bodies = ['[', '{"a":', '"', '"\\', '[],', '\\"', `"${' '.repeat(400)}`, `${' '.repeat(400)}\\ `].flatMap(
      (word) => {
        const text = word.repeat(Math.ceil(2 ** 22 / word.length));
        return [Buffer.from(text), Buffer.from(`"${text}`)];
      },
    );
    const spentMs = await processorMs(() => {
      for (const body of bodies) {
        try {
          checkJsonBounds(body);
        } catch {
          // refused, which is as good
        }
      }
    });
    expect(spentMs / bodies.length).toBeLessThan(500);
  });
});

describe('a body of POST /v1/jobs', () => {
  const { ask } = openApp();
  const post = async (body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<[number, string]> => {
    const response = await ask('/v1/jobs', { method: 'POST', body, headers: { 'content-type': type } });
    return [response.status, ((await response.json()) as { detail: string }).detail];
  };

  it.each([
    ['{', 'application/json', 400, 'no JSON'],
    ['', 'application/json', 400, 'no JSON'],
    [nested(100_000), 'application/json', 400, 'nested deeper'],
    [many(1_000_000), 'application/json', 400, 'more than'],
    [Buffer.from([0x22, 0xff, 0x22]), 'application/json', 400, 'UTF-8'],
    ['{}', 'text/plain', 415, 'must be application/json, not text/plain'],
    ['{}', 'application/jsonp', 415, 'application/jsonp'],
    ['[]', 'application/json', 422, 'must be an object'],
    ['null', 'application/json; charset=utf-8', 422, 'must be an object'],
    ['{}', 'application/json', 422, 'profile is missing'],
    ['{"id":"x"}', 'application/json', 422, 'Idempotency-Key'],
    ['{"profile":"python","commands":[{"argv":["x"]}],"surprise":1}', 'application/json', 422, 'surprise'],
    ['{"profile":"python","commands":[{"argv":["x"]}],"__proto__":{"a":1}}', 'application/json', 422, '__proto__'],
  ])('%# is refused with a sentence', async (body, type, status, sentence) => {
    const [gotStatus, detail] = await post(body, type);
    expect([gotStatus, detail]).toEqual([status, expect.stringContaining(sentence)]);
  });

  it('is refused when it is compressed, with what would be read', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await ask('/v1/jobs', { method: 'POST', body: '{}', headers });
    expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'identity']);
    const plain = await ask('/v1/jobs', {
      method: 'POST',
      body: '{}',
      headers: { ...headers, 'content-encoding': 'Identity' },
    });
    expect(plain.status).toBe(422);
  });

  it('is refused in a moment when it has as many wrong values as it may', async () => {
    const files = Array.from({ length: jsonBounds.values / 4 - 100 }, () => ({}));
    const commands = Array.from({ length: jsonBounds.values / 4 - 100 }, () => ({}));
    const spentMs = await processorMs(async () => {
      expect((await ask('/v1/jobs', jsonOf({ profile: 'python', files, commands }))).status).toBe(422);
    });
    expect(spentMs).toBeLessThan(2000);
  });
});
