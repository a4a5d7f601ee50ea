import { describe, expect, it } from 'vitest';
import { readCliConfig } from '../../src/config.ts';
import { chooseRedis, parseRedisTarget } from '../../src/fleet/parse-redis-target.ts';

it.each(['redis://127.0.0.1:6379', 'rediss://user:secret@cache.example/1', '/run/redis.sock'])('takes %s', (text) => {
  expect(parseRedisTarget(text, '--redis')).toBe(text);
});

it.each(['', 'localhost:6379', 'http://x', 'redis://', './redis.sock'])('refuses %j', (text) => {
  expect(() => parseRedisTarget(text, '--redis')).toThrow(`--redis is ${JSON.stringify(text)}: write a URL`);
});

describe('the Redis to use', () => {
  it('is that of --redis before that of REDIS_URL', () => {
    const config = readCliConfig({ REDIS_URL: 'redis://a' });
    expect(chooseRedis('redis://b', config)).toBe('redis://b');
    expect(chooseRedis(undefined, config)).toBe('redis://a');
  });

  it('is none when nobody names one', () => {
    expect(chooseRedis(undefined, readCliConfig({ REDIS_URL: '' }))).toBeNull();
  });
});
