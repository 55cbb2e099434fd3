-- One hop in one round trip: read the state, count the hop and, where it opens one, the session.
-- KEYS: state, hops, sessions. ARGV: 1 when the hop opens a session, both windows in seconds, and the number that tells
-- the hop from others (empty: it is like no other).
-- What was counted stands in a set, so that a repeat is not counted. A window is fixed: it begins with the first event
-- counted and ends when its key expires.
local function count(key, window)
  local hop = ARGV[4]
  if hop == '' then hop = '+' .. redis.call('SCARD', key) end
  redis.call('SADD', key, hop)
  if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, window) end
  return redis.call('SCARD', key)
end
local state = redis.call('GET', KEYS[1])
local hops = count(KEYS[2], ARGV[2])
local sessions = 0
if ARGV[1] == '1' and not state then sessions = count(KEYS[3], ARGV[3]) end
return {state, hops, sessions}
