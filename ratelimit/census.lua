-- Notes that a process is there and counts those that are, by the server's clock.
--   KEYS[1]  a sorted set: who, by when last heard of (µs since 1970)
--   ARGV     who ("" only counts), how long one is remembered (µs)
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
if ARGV[1] ~= '' then
  redis.call('ZADD', KEYS[1], now, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now - ARGV[2]))
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000))
return redis.call('ZCARD', KEYS[1])
