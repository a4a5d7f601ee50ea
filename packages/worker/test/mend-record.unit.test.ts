import { describe, expect, test } from 'vitest';
import { mendRecord } from '../src/mend-record.ts';

const mended = (record: Record<string, string>) => {
  const { fields, forget } = mendRecord(Object.entries(record).flat());
  const pairs = Array.from({ length: fields.length / 2 }, (_, index) => fields.slice(2 * index, 2 * index + 2));
  return { record: Object.fromEntries(pairs) as Record<string, string>, forget };
};

const options = (attempts: number) => JSON.stringify({ attempts, backoff: { type: 'bullpen' }, stackTraceLimit: 1 });

test('a record of ours stays as it is', () => {
  const record = {
    name: 'job',
    data: '{"v":1}',
    opts: options(3),
    timestamp: '5',
    ats: '1',
    atm: '2',
    stc: '0',
    pb: 'w',
  };
  expect(mended(record)).toEqual({ record, forget: [] });
});

test('a record goes with the end of its job when its message is large, and only then', () => {
  const optionsOf = (characters: number): unknown =>
    JSON.parse(mended({ data: `"${'x'.repeat(characters - 2)}"` }).record['opts'] ?? '');
  expect(optionsOf(262_144)).not.toHaveProperty('removeOnComplete');
  expect(optionsOf(262_145)).toMatchObject({ attempts: 1, removeOnComplete: true });
});

describe('what does not parse', () => {
  test.each(['not json', '}{', '', '\u0000'])('data %j becomes an empty message', (data) => {
    expect(mended({ data }).record['data']).toBe('{}');
  });

  test.each(['}{', 'null', '5', '[]', '{"attempts":0}', '{"attempts":1e9}', '{"attempts":"many"}', ''])(
    'options %j become those of a job with one attempt',
    (opts) => {
      expect(mended({ opts }).record['opts']).toBe(options(1));
    },
  );

  test('progress, which nobody needs, is left out', () => {
    expect(mended({ progress: '}{' }).record).toEqual({ opts: options(1) });
  });
});

test('options that would make BullMQ behave otherwise are not taken over', () => {
  const opts =
    '{"attempts":4,"removeOnFail":true,"backoff":{"type":"fixed","delay":1e12},"repeat":{"every":1},"parent":{}}';
  expect(mended({ opts }).record['opts']).toBe(options(4));
});

test('ties to other jobs, and counters that cannot be counted in, are forgotten', () => {
  const { record, forget } = mended({
    parent: '{"id":"a","queueKey":"b"}',
    parentKey: 'b:a',
    rjk: 'repeat',
    deid: 'once',
    atm: 'x',
    stc: '1.5',
    ats: '3',
  });
  expect(record).toEqual({ ats: '3', opts: options(1) });
  expect(forget.toSorted()).toEqual(['atm', 'deid', 'parent', 'parentKey', 'rjk', 'stc']);
});
