import { describe, expect, test } from 'vitest';
import { readEntry, renderEntry, wasConfined } from '../../src/cache/cache-entry.ts';
import { literalReceipt, makeLiteralReport, makeLiteralResult } from '../support/literal-result.ts';

const digest = 'a'.repeat(64);
const text = String(renderEntry(digest, makeLiteralResult(), 10_000));

/** The entry with one part of its text changed. */
function edited(part: string, to: string): string {
  expect(text).toContain(part);
  return text.replace(part, to);
}

describe('what is kept of a run', () => {
  test('is what a result needs of it', () => {
    const { commands, files, receipt, finishedAt, jobId } = makeLiteralResult();
    expect(readEntry(text, digest, 1)).toEqual({ v: 1, digest, jobId, finishedAt, commands, files, receipt });
  });

  test('is nothing when it may have been chance, was itself cached, has no receipt or is too large', () => {
    const chance = makeLiteralResult({ commands: [makeLiteralReport({ kind: 'wall-time-exceeded' })] });
    const cached = makeLiteralResult({ receipt: { ...literalReceipt, cached: { jobId: 'j', finishedAt: 1 } } });
    for (const result of [chance, cached, makeLiteralResult({ receipt: null })])
      expect(renderEntry(digest, result, 10_000)).toBeNull();
    expect(renderEntry(digest, makeLiteralResult(), text.length)).not.toBeNull();
    expect(renderEntry(digest, makeLiteralResult(), text.length - 1)).toBeNull();
  });
});

describe('no entry', () => {
  test.each([
    ['no JSON', text.slice(0, -1)],
    ['JSON of another kind', '[]'],
    ['another version', edited('"v":1', '"v":2')],
    ['that of another digest', edited(digest, 'b'.repeat(64))],
    ['an outcome of no kind', edited('"exited"', '"fine"')],
    ['an outcome that is never kept', edited('{"kind":"exited","exitCode":0}', '{"kind":"output-exceeded"}')],
    ['pressure', edited('"oomKills":0', '"oomKills":1')],
    ['a field more', edited('{', '{"more":1,')],
    ['one made from another entry', edited('"provenAt":50', '"provenAt":50,"cached":{"jobId":"j","finishedAt":1}')],
  ])('is %s', (_what, forged) => {
    expect(readEntry(forged, digest, 1)).toBeNull();
  });

  test('is that of a job with more commands', () => {
    expect(readEntry(text, digest, 2)).toBeNull();
  });
});

test('a run was confined as its reader asks when its receipt has the floor and what the job requires', () => {
  const entry = readEntry(text, digest, 1);
  if (entry === null) throw new Error('There is no entry.');
  expect(wasConfined(entry, [['identity'], ['seccomp', 'cgroup']], ['seccomp'])).toBe(true);
  expect(wasConfined(entry, [['identity'], ['cgroup']], [])).toBe(false);
  expect(wasConfined(entry, [], ['cgroup'])).toBe(false);
});
