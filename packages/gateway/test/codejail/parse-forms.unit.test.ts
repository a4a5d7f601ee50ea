import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { processorMs } from '../../../../tests/support/processor-time.ts';
import type { FormPart } from '../../src/codejail/form.ts';
import { parseMultipart } from '../../src/codejail/parse-multipart.ts';
import { parseUrlencoded } from '../../src/codejail/parse-urlencoded.ts';
import { Refusal } from '../../src/codejail/refusal.ts';

const shown = (parts: readonly FormPart[]): string[] =>
  parts.map(({ kind, name, bytes }) => `${kind} ${name}=${bytes.toString('latin1')}`);

function refusalOf(parse: () => unknown): { readonly status: number; readonly message: string } {
  try {
    parse();
  } catch (error) {
    if (error instanceof Refusal) return { status: error.facts.status, message: error.message };
    throw error;
  }
  throw new Error('The form is accepted.');
}

describe('url-encoded forms', () => {
  const parse = (text: string): string[] => shown(parseUrlencoded(Buffer.from(text), 10));

  test.each([
    ['', []],
    ['payload=a', ['field payload=a']],
    ['payload=', ['field payload=']],
    ['payload', ['field payload=']],
    ['a=1&&b=2&', ['field a=1', 'field b=2']],
    ['pay%6Coad=a+b%2Bc%3D%26', ['field payload=a b+c=&']],
    ['a=b=c', ['field a=b=c']],
    ['a=%zz%4&b=%', ['field a=%zz%4', 'field b=%']],
    ['a=1&a=2', ['field a=1', 'field a=2']],
    ['a=1;b=2', ['field a=1;b=2']],
  ])('%j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test('any bytes that were encoded come back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.uint8Array(), fc.uint8Array()), { maxLength: 8 }), (fields) => {
        const escape = (bytes: Uint8Array): string =>
          Buffer.from(bytes)
            .toString('hex')
            .replaceAll(/../g, (hex) => `%${hex}`);
        const body = fields.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&');
        const values = parseUrlencoded(Buffer.from(body), 10).map(({ bytes }) => [...bytes]);
        expect(values).toEqual(fields.map(([, value]) => [...value]));
      }),
    );
  });

  test('more fields than the bound are refused', () => {
    expect(parseUrlencoded(Buffer.from('a&'.repeat(10)), 10)).toHaveLength(10);
    for (const field of ['a&', '&', 'a&&'])
      expect(refusalOf(() => parseUrlencoded(Buffer.from(field.repeat(11)), 10)).status).toBe(413);
  });
});

describe('multipart forms', () => {
  const parse = (text: string, maximum = 10): string[] =>
    shown(parseMultipart(Buffer.from(text, 'latin1'), 'B', maximum));
  const part = (disposition: string, content = 'x', headers = ''): string =>
    `--B\r\nContent-Disposition: ${disposition}\r\n${headers}\r\n${content}\r\n`;
  const end = '--B--\r\n';

  test.each([
    ['nothing', '', []],
    ['no parts', end, []],
    ['a field', part('form-data; name="payload"', 'a') + end, ['field payload=a']],
    ['a field whose name has no quotes', part('form-data; name=payload', 'a') + end, ['field payload=a']],
    ['an empty field', part('form-data; name="payload"', '') + end, ['field payload=']],
    ['a file', part('form-data; name="python_lib.zip"; filename="z"') + end, ['file python_lib.zip=x']],
    ['a file with an encoded file name', part('form-data; name="f"; filename*=UTF-8\'\'z') + end, ['file f=x']],
    ['a file input that was left empty', part('form-data; name="f"; filename=""') + end, []],
    ['a part without a name', part('form-data') + part('attachment; name="a"') + end, []],
    ['quotes in a name', part('form-data; name="a\\"b\\\\"') + end, ['field a"b\\=x']],
    [
      'line ends in the content',
      part('form-data; name="a"', '\r\n\r\n--\r\n-B\r\n') + end,
      ['field a=\r\n\r\n--\r\n-B\r\n'],
    ],
    ['the boundary within a line', part('form-data; name="a"', 'x--B--') + end, ['field a=x--B--']],
    ['text before the first part', `preamble\r\n${part('form-data; name="a"')}${end}`, ['field a=x']],
    ['text behind the last boundary', `${part('form-data; name="a"')}${end}epilogue`, ['field a=x']],
    [
      'white space behind a boundary',
      `--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n${end}`,
      ['field a=x'],
    ],
    ['base64', part('form-data; name="a"', 'aGk=', 'Content-Transfer-Encoding: base64\r\n') + end, ['field a=hi']],
    ['headers in another case', part('FORM-DATA; NAME="a"').replace('Content-D', 'content-d') + end, ['field a=x']],
    [
      'several of one name',
      part('form-data; name="a"', '1') + part('form-data; name="a"', '2') + end,
      ['field a=1', 'field a=2'],
    ],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test.each([
    ['its last boundary is missing', part('form-data; name="a"')],
    ['it ends within the headers', '--B\r\nContent-Disp'],
    ['a boundary is followed by text', `--Bx\r\n\r\n\r\n${end}`],
    ['a part has no end of its headers', `--B\r\nContent-Disposition: form-data\r\n${end}`],
    ['a part has too long headers', part(`form-data; name="${'a'.repeat(9000)}"`) + end],
  ])('is malformed when %s', (_, text) => {
    const { status, message } = refusalOf(() => parse(text));
    expect(status).toBe(400);
    expect(message).toMatch(/^Multipart form parse error - /);
  });

  test.each([
    [undefined, 'None'],
    ['', ''],
    ['a'.repeat(202), 'a'.repeat(202)],
    ['ends with a space ', 'ends with a space '],
  ])('needs a boundary, and %j is none', (boundary, told) => {
    expect(refusalOf(() => parseMultipart(Buffer.from('x'), boundary, 10)).message).toBe(
      `Multipart form parse error - Invalid boundary in multipart: ${told}`,
    );
  });

  test('more parts than the bound are refused', () => {
    const parts = part('form-data; name="a"').repeat(10);
    expect(parse(parts + end)).toHaveLength(10);
    expect(refusalOf(() => parse(parts + parts + end)).status).toBe(413);
  });

  test('a million empty parts are refused at once', async () => {
    const spentMs = await processorMs(() => {
      expect(refusalOf(() => parse(part('form-data; name=a').repeat(1_000_000))).status).toBe(413);
    });
    expect(spentMs).toBeLessThan(1000);
  });

  test('any bytes come back, as the platform writes forms', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), async (contents) => {
        const form = new FormData();
        for (const content of contents)
          form.append('python_lib.zip', new Blob([new Uint8Array(content)]), '../etc/passwd');
        const request = new Response(form);
        const boundary = request.headers.get('content-type')?.split('boundary=')[1];
        const parts = parseMultipart(Buffer.from(await request.arrayBuffer()), boundary, 10);
        expect(parts.map(({ bytes }) => [...bytes])).toEqual(contents.map((content) => [...content]));
      }),
    );
  });

  test('any bytes at all either come apart or are refused', () => {
    const pieces = fc.constantFrom(
      '--B',
      '\r\n',
      '--',
      'B',
      'Content-Disposition: form-data; name="a"',
      ';',
      '"',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (texts) => {
        try {
          parse(texts.join(''));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});
