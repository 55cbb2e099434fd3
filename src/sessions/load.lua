-- One hop in one round trip: read the state, count the hop and, where it opens one, the session.
-- KEYS: state, hops, sessions. ARGV: 1 when the hop opens a session, then both windows in milliseconds.
-- A window is fixed: it begins with the first event counted and ends when its key expires.
local function count(key, window)
  local so_far = redis.call('INCR', key)
  if so_far == 1 then redis.call('PEXPIRE', key, window) end
  return so_far
end
local state = redis.call('GET', KEYS[1])
local hops = count(KEYS[2], ARGV[2])
local sessions = 0
if ARGV[1] == '1' and not state then sessions = count(KEYS[3], ARGV[3]) end
return {state, hops, sessions}
