import { expect, test } from 'vitest';
import { BullpenError, errorCodes, parseFailedReason } from '../src/errors.ts';

test('an error survives its way through the queue as code and sentence', () => {
  const error = new BullpenError('jail-failed', 'step view failed: No such file (2)');
  expect(parseFailedReason(error.toFailedReason())).toEqual(error);
  expect(parseFailedReason(error.toFailedReason()).code).toBe('jail-failed');
});

test.each(['boom', '', ': x', 'no-such-code: x', 'constructor: x', 'invalid-job'])(
  '%j is internal, and said in full',
  (reason) => {
    expect(parseFailedReason(reason)).toMatchObject({ code: 'internal', message: reason });
  },
);

test("a producer's mistake is never tried again and is no fault", () => {
  for (const code of ['invalid-job', 'unknown-profile', 'limit-above-ceiling'] as const) {
    expect(errorCodes[code]).toMatchObject({ retry: false, fault: false });
  }
});
