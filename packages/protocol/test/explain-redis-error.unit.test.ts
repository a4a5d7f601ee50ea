import { describe, expect, it } from 'vitest';
import { explainRedisError, isRedisRefusal } from '../src/explain-redis-error.ts';

describe('what is wrong with a Redis', () => {
  it.each([
    ['NOAUTH HELLO must be called with the client already authenticated', 'it asks for a password', true],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'it refuses the user name or the password', true],
    ['40FD:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../a.c:77:\n', 'no TLS', false],
    ['connect ECONNREFUSED 127.0.0.1:6379', 'connect ECONNREFUSED 127.0.0.1:6379', false],
    ['two\n lines', 'two lines', false],
  ])('%j is explained', (message, sentence, isRefusal) => {
    expect(explainRedisError(new Error(message))).toContain(sentence);
    expect(isRedisRefusal(new Error(message))).toBe(isRefusal);
  });
});
