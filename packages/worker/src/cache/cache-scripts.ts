/**
 * Scripts over the keys of one digest. A flight is `SINCE TOKEN JOB`: the job that runs it, the token with which its worker holds the queue's lock
 * of that job, and when it began, by the clock of Redis. It lasts while that lock is held, so a worker that is lost, that gives the job back or
 * that forgets to land ends it too. `alone` says that the last one brought nothing to keep, so nobody is to wait for the next.
 */
const words = `
local function text(key, longest)
  if redis.call('TYPE', key)['ok'] ~= 'string' then return nil end
  if longest and redis.call('STRLEN', key) > longest then return nil end
  return redis.call('GET', key)
end
`;

/**
 * KEYS entry, flight, doubts; ARGV token, job id, prefix of the queue's keys, how long a flight may be remembered, how long entries are read, and
 * whether to look at the entry at all. Answers `entry TEXT DOUBTS`, `held MILLISECONDS`, `alone`, or `taken`: then the flight is the asker's.
 */
export const lookUpScript = `${words}
if ARGV[6] == 'look' then
  local entry = text(KEYS[1], tonumber(ARGV[5]))
  if entry then return { 'entry', entry, text(KEYS[3]) or '' } end
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local flight = text(KEYS[2])
if flight == 'alone' then return { 'alone' } end
if flight then
  local since, token, job = string.match(flight, '^(%d+) (%S+) (%S+)$')
  local isOwn = job == ARGV[2] and token == ARGV[1]
  if since and not isOwn and text(ARGV[3] .. job .. ':lock') == token then
    return { 'held', math.max(0, now - since) }
  end
end
redis.call('SET', KEYS[2], string.format('%.0f %s %s', now, ARGV[1], ARGV[2]), 'PX', ARGV[4])
return { 'taken' }
`;

/**
 * Bounds what all entries have together: the oldest go, which are also those that have gone by age. An entry that was written over may so go early.
 * An index that is damaged is begun anew, and what it named goes by age.
 */
const makeRoom = `
local function makeRoom(digest, size)
  local time = redis.call('TIME')
  local added = redis.pcall('ZADD', KEYS[4], string.format('%.0f', time[1] * 1000000 + time[2]), digest .. ' ' .. size)
  local total = redis.pcall('INCRBY', KEYS[5], added == 1 and size or 0)
  for _ = 1, 1000 do
    if type(added) ~= 'number' or type(total) ~= 'number' then
      redis.call('DEL', KEYS[4], KEYS[5])
      return
    end
    if total <= tonumber(ARGV[6]) then break end
    local oldest = redis.call('ZPOPMIN', KEYS[4])[1]
    local name, bytes = string.match(oldest or '', '^(%x+) (%d+)$')
    if not name then total = nil else
      redis.call('DEL', ARGV[7] .. name)
      total = redis.call('DECRBY', KEYS[5], bytes)
    end
  end
  redis.call('PEXPIRE', KEYS[4], ARGV[4])
  redis.call('PEXPIRE', KEYS[5], ARGV[4])
end
`;

/**
 * KEYS entry, flight, the queue's lock of the job, index of entries, bytes of all entries; ARGV token, job id, the entry or nothing, its age, for
 * how long nobody shall wait for another when there is none, the most bytes of all entries, how their keys begin, and the digest. A worker that was
 * taken for lost can neither keep an entry nor end the flight of another.
 */
export const landScript = `${words}${makeRoom}
local flight = text(KEYS[2])
local isOwn = flight and string.match(flight, '^%d+ (%S+ %S+)$') == ARGV[1] .. ' ' .. ARGV[2]
if ARGV[3] ~= '' and text(KEYS[3]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
  makeRoom(ARGV[8], #ARGV[3])
  if isOwn or flight == 'alone' then redis.call('DEL', KEYS[2]) end
  return 'kept'
end
if ARGV[5] ~= '0' and (isOwn or flight == 'alone') then redis.call('SET', KEYS[2], 'alone', 'PX', ARGV[5])
elseif isOwn then redis.call('DEL', KEYS[2]) end
return 'landed'
`;
