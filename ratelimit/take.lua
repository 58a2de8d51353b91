-- Limit.Lend on the server, in one step and by the server's clock. Times are
-- microseconds since 1970: Lua's numbers hold them exactly until the year 2255.
--   KEYS[1]  the key; it holds the theoretical arrival time and the rate it was made by
--   ARGV     rate (requests per second), burst, cost, longest pace (µs), most to be lent,
--            and the time by a test's clock, or "" for the server's
-- Answers {1, wait, remaining, lent, arrival} or {0, retry after, remaining, 0, arrival}:
-- the arrival time that is kept, from now on.
local rate, burst, cost, pace = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ahead, now = tonumber(ARGV[5]), tonumber(ARGV[6])
if not now then
  local t = redis.call('TIME')
  now = t[1] * 1000000 + t[2]
end
local whole = burst / rate * 1000000 -- how long the burst takes to be whole again

-- Of a limit that has changed since, what was used stays used: requests, not time.
local held, by = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%S+)$')
local stored = tonumber(held) or 0
if by and tonumber(by) ~= rate and stored > now then
  stored = now + (stored - now) * tonumber(by) / rate
end

-- A clock that was set back must lock nobody out.
local tat = math.min(math.max(stored, now), now + whole + pace)

local function keep(t)
  redis.call('SET', KEYS[1], string.format('%.0f ', t) .. ARGV[1], 'PX', math.ceil((t - now) / 1000) + 10000)
end
local function remaining(t)
  return math.max(0, math.floor((whole - (t - now)) * rate / 1000000 + 0.000001))
end
local function refuse(after)
  if tat < stored then keep(tat) end -- else it is refused until the clock has caught up
  return {0, math.ceil(after), remaining(tat), 0, math.ceil(tat - now)}
end

if cost > burst then return refuse(whole) end
local after = tat + cost / rate * 1000000
local early = after - now - whole
if early > pace then return refuse(early) end
local left = remaining(after)
local lent = math.max(0, math.min(ahead, left - math.ceil(burst / 2)))
local kept = after + lent / rate * 1000000
keep(kept)
return {1, math.ceil(math.max(early, 0)), left, lent, math.ceil(kept - now)}
