import { BullpenError, type ErrorCode, errorCodes } from '@bullpen/protocol';
import { describe, expect, it } from 'vitest';
import { describeProblem, Problem, problemKinds, problemOf, renderProblem } from '../../src/http/problem.ts';

describe('the table of problems', () => {
  const faults = Object.entries(errorCodes).filter(([, { fault }]) => fault) as [ErrorCode, unknown][];
  const gone = 'result-missing';

  it.each(faults.filter(([code]) => code !== gone))(
    'answers the fault %s with 5xx, never as something a program did',
    (code) => {
      expect(problemKinds[code].status).toBeGreaterThanOrEqual(500);
    },
  );

  it.each(['invalid-job', 'unknown-profile', 'limit-above-ceiling', 'id-taken'] as const)(
    'answers %s with 422',
    (code) => {
      expect(problemKinds[code].status).toBe(422);
    },
  );

  it('says of a result that is gone that it is gone', () => {
    expect(problemKinds[gone].status).toBe(410);
  });

  it.each(Object.entries(problemKinds).filter(([, { status }]) => status === 429 || status === 503))(
    'says when to try again where trying again helps: %s',
    async (code, kind) => {
      const helps = !['profile-unavailable', 'confinement-refused'].includes(code);
      expect('retryAfterS' in kind).toBe(helps);
    },
  );
});

describe('a problem', () => {
  it('is told as RFC 9457 has it', async () => {
    const response = renderProblem(new Problem('too-many-jobs', 'Wait.', { headers: { 'x-more': '1' } }));
    expect(response.status).toBe(429);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'retry-after': '1',
      'x-more': '1',
    });
    expect(await response.json()).toEqual({
      type: 'urn:bullpen:problem:too-many-jobs',
      title: 'Too many jobs of this API key are waiting',
      status: 429,
      detail: 'Wait.',
      code: 'too-many-jobs',
    });
  });

  it('carries the sentence of an error of ours', () => {
    const error = new BullpenError('invalid-job', 'files[0].path must not contain "..", got "../x"');
    expect(describeProblem(problemOf(error))).toMatchObject({
      status: 422,
      detail: error.message,
      code: 'invalid-job',
    });
  });

  it('tells nothing of an error that is not ours', () => {
    const told = JSON.stringify(describeProblem(problemOf(new Error('connect /run/secret.sock'))));
    expect(told).not.toContain('secret');
    expect(told).toContain('"status":500');
  });
});
