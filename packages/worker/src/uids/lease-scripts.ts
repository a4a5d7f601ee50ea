/**
 * A lease is one key per UID, all with one value: the fencing token and the worker. The keys of ranges that overlap are the same keys, and each
 * script decides about all keys of a range at once.
 */

/**
 * KEYS: the counter of tokens, then the UIDs'. ARGV: worker, TTL in ms. Answers the value, or `{place, holder, ms left}` of the first key that is
 * taken. A new counter begins at the time in ms, so that tokens grow even over the counters' lives.
 */
export const takeScript = `
for i = 2, #KEYS do
  local holder = redis.call('GET', KEYS[i])
  if holder then return {i - 2, holder, redis.call('PTTL', KEYS[i])} end
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  local now = redis.call('TIME')
  redis.call('SET', KEYS[1], string.format('%d%03d', now[1], math.floor(now[2] / 1000)))
end
local value = redis.call('INCR', KEYS[1]) .. ' ' .. ARGV[1]
for i = 2, #KEYS do redis.call('SET', KEYS[i], value, 'PX', ARGV[2]) end
return value
`;

/**
 * KEYS: the UIDs'. ARGV: our value, TTL in ms. Answers 1, or `{place, holder, ms left}`. A key that is gone (Redis lost it, or we could not
 * reach Redis for the whole TTL) is ours again as long as nobody else has taken any of the range. A Redis whose memory is full refuses to set keys,
 * but not to let them live longer.
 */
export const renewScript = `
for i = 1, #KEYS do
  local holder = redis.call('GET', KEYS[i])
  if holder and holder ~= ARGV[1] then return {i - 1, holder, redis.call('PTTL', KEYS[i])} end
end
for i = 1, #KEYS do
  if redis.call('PEXPIRE', KEYS[i], ARGV[2]) == 0 then redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2]) end
end
return 1
`;

/** KEYS: the counter of tokens, then the UIDs'. ARGV: our value, our token. Removes what is ours alone, and a counter that nobody used after us. */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
for i = 2, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end
return 1
`;
