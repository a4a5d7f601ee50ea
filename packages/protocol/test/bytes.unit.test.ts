import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { processorMs } from '../../../tests/support/processor-time.ts';
import { byteLength, bytesSchema, decodeBytes, decodeOutput, encodeBytes, escapeSlackBytes } from '../src/bytes.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('encodeBytes and decodeOutput lose nothing', () => {
  test.each([
    ['nothing', bytes(), 'utf8'],
    ['text', Buffer.from('grüße\n'), 'utf8'],
    ['NUL characters', bytes(0x61, 0, 0x62), 'utf8'],
    ['a byte order mark', bytes(0xef, 0xbb, 0xbf, 0x61), 'utf8'],
    ['four-byte characters', Buffer.from('😀'), 'utf8'],
    ['carriage returns', Buffer.from('a\r\nb\r'), 'utf8'],
    ['Latin-1', bytes(0x67, 0xfc), 'base64'],
    ['a character cut in the middle', bytes(0xf0, 0x9f, 0x98), 'base64'],
    ['an overlong form', bytes(0xc0, 0x80), 'base64'],
    ['a surrogate in UTF-8 clothes', bytes(0xed, 0xa0, 0x80), 'base64'],
    ['all byte values', Uint8Array.from({ length: 256 }, (_, value) => value), 'base64'],
  ] as const)('%s', (_what, original, encoding) => {
    const encoded = encodeBytes(original);
    expect(encoded.encoding).toBe(encoding);
    expect(Buffer.from(decodeOutput(encoded))).toEqual(Buffer.from(original));
    expect(Buffer.from(decodeOutput(JSON.parse(JSON.stringify(encoded))))).toEqual(Buffer.from(original));
  });

  test('a part of a larger buffer is encoded alone', () => {
    const whole = bytes(1, 2, 0xff, 0xfe, 5);
    expect(encodeBytes(whole.subarray(2, 4))).toEqual({ encoding: 'base64', data: '//4=' });
  });
});

describe('what a program writes never grows beyond base64, and the slack of a short text, on its way through JSON', () => {
  const size = 300_000;
  test.each([
    ['NUL characters', '\0', 'base64'],
    ['escape characters', '\x1b', 'base64'],
    ['line feeds', '\n', 'base64'],
    ['quotation marks', '"', 'base64'],
    ['backslashes', '\\', 'base64'],
    ['delete characters', '\x7f', 'utf8'],
    ['three-byte characters', '€', 'utf8'],
    ['colours of a terminal', '\x1b[31mred\x1b[0m and then a line of plain text\r\n', 'utf8'],
    ['JSON', '{"name":"value","number":12345}', 'utf8'],
  ])('%s', (_what, character, encoding) => {
    const original = Buffer.from(character.repeat(size / character.length));
    const encoded = encodeBytes(original);
    expect(encoded.encoding).toBe(encoding);
    const base64Bytes = Math.ceil(original.byteLength / 3) * 4;
    expect(Buffer.byteLength(JSON.stringify(encoded.data)) - 2).toBeLessThanOrEqual(base64Bytes + escapeSlackBytes);
    expect(Buffer.from(decodeOutput(encoded)).equals(original)).toBe(true);
  });

  test('8 MiB are looked at in a moment', async () => {
    const original = Buffer.alloc(8_388_608, 'a line of text\n');
    expect(await processorMs(() => encodeBytes(original))).toBeLessThan(500);
  });
});

test.each([
  ['grün', 5],
  [{ base64: '/w==' }, 1],
  [{ base64: '' }, 0],
  [{ base64: 'AAEC' }, 3],
])('%j has %i bytes', (value, length) => {
  expect(byteLength(value)).toBe(length);
  expect(decodeBytes(value)).toHaveLength(length);
});

describe('bytesSchema refuses', () => {
  test.each([
    ['a number', 5],
    ['a lone surrogate', 'a\ud800'],
    ['base64 without padding', { base64: '/w' }],
    ['base64 with spaces', { base64: '/w= ' }],
    ['base64 with padding in the middle', { base64: '/w==/w==' }],
    ['the alphabet for addresses', { base64: '__8=' }],
    ['another field', { base64: '', hex: '' }],
    ['null', null],
  ])('%s', (_what, value) => {
    expect(bytesSchema.safeParse(value).success).toBe(false);
  });
});

test('base64 is what a pattern takes for it', () => {
  const pieces = fc.constantFrom(
    'AAAA',
    'Q+/9',
    'Z',
    'gw',
    '=',
    '==',
    '-',
    '_',
    ' ',
    '\n',
    '\0',
    'Ł',
    'é',
    '😀',
    '\ud800',
  );
  const texts = fc.array(pieces, { maxLength: 6 }).map((words) => words.join(''));
  const pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?$/;
  const property = fc.property(texts, (base64) => {
    expect(bytesSchema.safeParse({ base64 }).success).toBe(pattern.test(base64));
  });
  fc.assert(property, { numRuns: 5000 });
});

test('40 MB of base64 are checked without exhausting the stack', () => {
  expect(bytesSchema.safeParse({ base64: 'AAAA'.repeat(10_000_000) }).success).toBe(true);
});
