import { encodeBytes, type Result, resultSchema } from '@bullpen/protocol';
import { expect, test } from 'vitest';
import { makeReport } from '../../src/job/make-report.ts';
import { createOutputBudget } from '../../src/job/output-budget.ts';
import { packResult, resultBytesMax } from '../../src/job/pack-result.ts';
import { makeLiteralProfiles } from '../support/literal-profiles.ts';
import { quietReport } from '../support/literal-slot.ts';

const outputBudgetBytes = 8_388_608;
const [bash] = makeLiteralProfiles().available;
if (bash === undefined) throw new Error('There is no profile bash.');
const limits = bash.profile.defaults;

function makeResult(parts: Partial<Result> = {}): Result {
  return {
    jobId: 'j1',
    profile: 'bash',
    state: 'finished',
    commands: [],
    files: [],
    labels: {},
    receipt: null,
    attempt: 1,
    submittedAt: 1,
    startedAt: 2,
    finishedAt: 3,
    ...parts,
  };
}

test('the largest result that a job can ask for stays within the bound, whatever its programs write', () => {
  const budget = createOutputBudget(outputBudgetBytes);
  const share = Math.ceil(outputBudgetBytes / (2 * 64 + 256));
  const escapes = { bytes: Buffer.alloc(share, '\x01'), bytesSeen: Number.MAX_SAFE_INTEGER };
  const commands = Array.from({ length: 64 }, () =>
    makeReport({ ...quietReport, stdout: escapes, stderr: escapes }, limits, budget),
  );
  const files = Array.from({ length: 256 }, () => ({
    state: 'collected' as const,
    path: '"'.repeat(1024),
    mode: 0o777,
    ...encodeBytes(budget.keep(escapes.bytes)),
    bytes: share,
  }));
  const labels = Object.fromEntries(
    Array.from({ length: 32 }, (_, number) => [`${number}`.padStart(64, '\x01'), '\x01'.repeat(256)]),
  );
  expect(budget.left).toBe(0);
  const { bytes, summary, facts } = packResult(makeResult({ commands, files, labels }), outputBudgetBytes);
  expect(bytes.byteLength).toBeLessThan(resultBytesMax(outputBudgetBytes));
  expect(resultSchema.parse(JSON.parse(bytes.toString()))).toMatchObject({ jobId: 'j1', files });
  expect(summary.outcomes).toEqual({ 'output-exceeded': 64 });
  expect(facts).toMatchObject({ files: 256, waitedMs: 1 });
});

test('a result beyond the bound is a fault that names it', () => {
  const files = [
    {
      state: 'collected' as const,
      path: 'a',
      mode: 0o644,
      encoding: 'utf8' as const,
      data: '\0'.repeat(500_000),
      bytes: 1,
    },
  ];
  expect(() => packResult(makeResult({ files }), 1024)).toThrow(
    expect.objectContaining({ code: 'internal', message: expect.stringContaining(String(resultBytesMax(1024))) }),
  );
});
