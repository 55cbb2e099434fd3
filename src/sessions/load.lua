-- One hop in one round trip: read the state, count the hop and, where it opens one, the session.
-- KEYS: state, hops, sessions. ARGV: 1 when the hop opens a session, both windows in milliseconds, and four bytes that
-- tell the hop from others (empty: it is like no other).
-- A window is fixed: it begins with the first event counted and ends when its key expires. It holds the four bytes of
-- the event counted last, then the count: the same event again is a repeat and not counted.
local hop = ARGV[4]
local function count(key, window)
  local kept = redis.call('GET', key)
  local so_far = kept and tonumber(string.sub(kept, 5)) or 0
  if kept and hop ~= '' and string.sub(kept, 1, 4) == hop then return so_far end
  local last = hop ~= '' and hop or '\0\0\0\0'
  if kept then
    redis.call('SET', key, last .. (so_far + 1), 'KEEPTTL')
  else
    redis.call('SET', key, last .. '1', 'PX', window)
  end
  return so_far + 1
end
local state = redis.call('GET', KEYS[1])
local hops = count(KEYS[2], ARGV[2])
local sessions = 0
if ARGV[1] == '1' and not state then sessions = count(KEYS[3], ARGV[3]) end
return {state, hops, sessions}
