-- Compare and set: store the new value only where the expected version stands.
-- KEYS: state. ARGV: the expected version (8 bytes, zeros: none), the new value, its life in milliseconds.
local stands = redis.call('GETRANGE', KEYS[1], 0, 7)
if #stands < 8 then stands = string.rep('\0', 8) end
if stands ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
