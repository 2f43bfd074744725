"""What happens to a lock inside Redis, where each script runs as a whole.

A lock is a hash: `holder` (a claim) `until` when, `token` (the last one given), and the queue: `first` and `last` are
numbers, `q<number>` the claim that came under that number, `w<claim>` until when that one is believed to wait. A claim
that has left, or whose process has died, is passed over when its number comes up. Redis's own time counts. A hash that
nobody touches for an hour is gone; tokens grow all the same, since they are the microseconds of the day.
"""

from adapters.redis.connection import script

_COMMON = """
local lock, claim = KEYS[1], ARGV[1]
local lease, wait, channel = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)

local function get(field)
    return redis.call('HGET', lock, field)
end

local function give(to, milliseconds)
    local token = math.max(micros, tonumber(get('token') or 0) + 1)
    redis.call('HSET', lock, 'holder', to, 'until', now + milliseconds, 'token', token)
end

local function next_waiting()
    local number, last = tonumber(get('first') or 1), tonumber(get('last') or 0)
    while number <= last do
        local waiting = get('q' .. number)
        local believed = tonumber(get('w' .. waiting) or 0)
        redis.call('HDEL', lock, 'q' .. number, 'w' .. waiting)
        number = number + 1
        redis.call('HSET', lock, 'first', number)
        if believed > now then
            return waiting
        end
    end
    redis.call('HDEL', lock, 'first', 'last')
end

-- The holder of now: when the last one's time is over it is the first in the queue, who is told and must confirm.
local function settled()
    local holder = get('holder')
    if holder and tonumber(get('until')) > now then
        return holder
    end
    redis.call('HDEL', lock, 'holder', 'until')
    local waiting = next_waiting()
    if waiting then
        give(waiting, wait)
        redis.call('PUBLISH', channel .. string.match(waiting, '^(.*):'), waiting)
    end
    return waiting
end

redis.call('PEXPIRE', lock, 3600000)
"""

ENTER = script(
    _COMMON
    + """
-- The token when the claim holds the lock; 0 when it waits or, unless it may, is turned away. Saying it again does no
-- harm: it confirms, or says that the claim still waits.
local holder = settled()
if not holder then
    give(claim, lease)
elseif holder == claim then
    redis.call('HSET', lock, 'until', now + lease)
else
    if ARGV[5] == '1' then
        if not get('w' .. claim) then
            redis.call('HSET', lock, 'q' .. redis.call('HINCRBY', lock, 'last', 1), claim)
        end
        redis.call('HSET', lock, 'w' .. claim, now + wait)
    end
    return 0
end
redis.call('PEXPIRE', lock, 3600000)
return tonumber(get('token'))
"""
)

RENEW = script(
    _COMMON
    + """
-- 1 when the claim holds the lock, now for longer; 0 when it does not.
if get('holder') ~= claim then
    return 0
end
redis.call('HSET', lock, 'until', now + lease)
return 1
"""
)

LEAVE = script(
    _COMMON
    + """
-- The claim neither holds nor waits any more; what is another's stays.
redis.call('HDEL', lock, 'w' .. claim)
if get('holder') == claim then
    redis.call('HDEL', lock, 'holder', 'until')
    settled()
end
return 1
"""
)
