import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pythonBytesLiteral } from '../../src/codejail/python-bytes-literal.ts';
import { type RealPython, startPython } from '../support/real-python.ts';

// Each answer comes from another process, which may have to wait for a processor.
vi.setConfig({ testTimeout: 60_000 });

let python: RealPython;
beforeAll(() => {
  python = startPython("def answer(text):\n    return repr(text.encode('latin-1'))");
});
afterAll(() => python?.close());

test.each([
  ['', "b''"],
  ["it's", 'b"it\'s"'],
  ['it\'s "it"', "b'it\\'s \"it\"'"],
  ['"', "b'\"'"],
  ['a\n\t\r\\\0\x7f\xff', "b'a\\n\\t\\r\\\\\\x00\\x7f\\xff'"],
])('%j is written %s', (text, literal) => {
  expect(pythonBytesLiteral(Buffer.from(text, 'latin1'))).toBe(literal);
});

test('bytes are written as Python writes them', async () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.array(fc.constantFrom(...Buffer.from(`'"\\ab\n`))));
  const property = fc.asyncProperty(bytes, async (values) => {
    const buffer = Buffer.from(values);
    expect(pythonBytesLiteral(buffer)).toBe(await python.ask(buffer.toString('latin1')));
  });
  await fc.assert(property, { numRuns: 1000 });
});
