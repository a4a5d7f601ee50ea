import { describe, expect, test } from 'vitest';
import { readFields, stringField, u32Field, u64Field } from '../ts/fields.ts';
import { FrameDecoder } from '../ts/frame-decoder.ts';
import { FrameError, frameBodyMax } from '../ts/frame-format.ts';
import { FrameWriter } from '../ts/frame-writer.ts';
import { makeRandom, splitRandomly } from './support/random.ts';

const decode = (...chunks: Buffer[]): { type: number; body: string }[] => {
  const frames: { type: number; body: string }[] = [];
  const decoder = new FrameDecoder((type, body) => frames.push({ type, body: body.toString('hex') }));
  for (const chunk of chunks) decoder.push(chunk);
  expect(decoder.pending.length).toBe(0);
  return frames;
};

describe('writing frames', () => {
  test('a frame is a header of length, type and zero, then fields, all little-endian', () => {
    const bytes = new FrameWriter().begin(7).string(2, 'a/b').u64(7, 0x1_0000_0002).u32(3, 0o755).end().take();
    const golden = ['27000000', '0700', '0000'];
    golden.push('0200', '0000', '03000000', '612f62');
    golden.push('0700', '0000', '08000000', '0200000001000000');
    golden.push('0300', '0000', '04000000', 'ed010000');
    expect(bytes.toString('hex')).toBe(golden.join(''));
  });

  test('text is written as UTF-8 and its length is counted in bytes', () => {
    const bytes = new FrameWriter().begin(1).string(2, 'ä€').end().take();
    expect(bytes.subarray(12).toString('hex')).toBe(`05000000${Buffer.from('ä€').toString('hex')}`);
  });

  test('several frames stand one after another, however far the buffer must grow', () => {
    const writer = new FrameWriter(1);
    for (let i = 0; i < 300; i += 1) writer.begin(i).bytes(4, Buffer.alloc(i, i)).end();
    const frames = decode(writer.take());
    expect(frames.map(({ type }) => type)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(frames[299]?.body).toBe(`040000002b010000${Buffer.alloc(299, 299).toString('hex')}`);
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN])('a u64 field refuses %d', (value) => {
    expect(() => new FrameWriter().begin(1).u64(7, value)).toThrow(FrameError);
  });

  test('a string with a NUL and a body above the bound are refused', () => {
    expect(() => new FrameWriter().begin(1).string(2, 'a\0b')).toThrow(/must not hold a NUL/);
    const largest = new FrameWriter().begin(1).bytes(4, Buffer.alloc(frameBodyMax - 8));
    expect(largest.end().length).toBe(frameBodyMax + 8);
    expect(() =>
      new FrameWriter()
        .begin(1)
        .bytes(4, Buffer.alloc(frameBodyMax - 7))
        .end(),
    ).toThrow(/at most 131072 bytes/);
  });
});

describe('decoding a stream of frames', () => {
  test.each([1, 2, 3, 4, 5])('the same frames come out however the stream is split (seed %d)', (seed) => {
    const random = makeRandom(seed);
    const writer = new FrameWriter();
    const sent: { type: number; body: string }[] = [];
    for (let i = 0; i < 200; i += 1) {
      const data = Buffer.alloc(random(50), random(256));
      writer.begin(i).bytes(4, data).u32(3, i).end();
      const body = new FrameWriter().begin(0).bytes(4, data).u32(3, i).end().take().subarray(8);
      sent.push({ type: i, body: body.toString('hex') });
    }
    expect(decode(...splitRandomly(writer.take(), random))).toEqual(sent);
  });

  test('a frame without fields and one of the largest size are taken', () => {
    const writer = new FrameWriter()
      .begin(6)
      .end()
      .begin(4)
      .bytes(4, Buffer.alloc(frameBodyMax - 8))
      .end();
    expect(decode(writer.take()).map(({ body }) => body.length / 2)).toEqual([0, frameBodyMax]);
  });

  test.each([
    ['a body above the bound', '0100020041000000'],
    ['a reserved half-word that is not zero', '0000000041000100'],
    ['the poison of replace()', 'ffffffffffffffff'],
  ])('%s is refused and stays pending', (_, hex) => {
    const decoder = new FrameDecoder(() => {});
    expect(() => decoder.push(Buffer.from(hex, 'hex'))).toThrow(FrameError);
    expect(decoder.pending.toString('hex')).toBe(hex);
  });

  test('frames before a bad one are taken, and so is what follows a taker that throws', () => {
    const seen: number[] = [];
    const decoder = new FrameDecoder((type) => {
      seen.push(type);
      if (type === 2) throw new FrameError('two');
    });
    const bytes = new FrameWriter().begin(1).end().begin(2).end().begin(3).end().take();
    expect(() => decoder.push(bytes)).toThrow('two');
    decoder.push(Buffer.alloc(0));
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('reading fields', () => {
  const fields = (hex: string): number[] => {
    const found: number[] = [];
    readFields(Buffer.from(hex, 'hex'), (tag) => found.push(tag));
    return found;
  };

  test('fields come in order, repeated ones too', () => {
    expect(fields('05000000010000006105000000000000000600000001000000ff')).toEqual([5, 5, 6]);
  });

  test.each([
    ['a header that is cut off', '0500000001'],
    ['a length beyond the body', '050000000200000061'],
    ['a length near 2^32', '05000000ffffffff61'],
    ['a reserved half-word that is not zero', '050001000100000061'],
  ])('%s is refused', (_, hex) => {
    expect(() => fields(hex)).toThrow(FrameError);
  });

  test('numbers have exactly 4 and 8 bytes and fit a double, strings have no NUL', () => {
    expect(u32Field(1, Buffer.from('ffffffff', 'hex'))).toBe(4_294_967_295);
    expect(u64Field(1, Buffer.from('ffffffffffff1f00', 'hex'))).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => u32Field(1, Buffer.alloc(3))).toThrow(/must have 4 bytes, got 3/);
    expect(() => u64Field(1, Buffer.alloc(4))).toThrow(/must have 8 bytes, got 4/);
    expect(() => u64Field(1, Buffer.from('0000000000002000', 'hex'))).toThrow(/larger than 2\^53/);
    expect(() => stringField(1, Buffer.from('a\0'))).toThrow(/holds a NUL/);
  });
});
