import type { Redis } from 'ioredis';

export interface Rate {
  readonly max: number;
  readonly seconds: number;
}

/** How far ahead places are given out; one window where that is longer. */
const HORIZON_MS = 60 * 60_000;
/** A task that has not come this long after its place began loses the place. */
const FORGET_MS = 24 * 60 * 60_000;

/**
 * Returns 0 when the task may start now, else the milliseconds until the window in which it has a place. Returns -1
 * when that window is past the horizon.
 * - KEYS: the current window {start, count}; the ids of tasks with a place, scored by the start of their window.
 * - Windows follow one another while places are given out. After a pause the next window begins with its first start.
 * - A task without a place starts only while the window has room beside the places that others have.
 * - The ZREMRANGEBYSCORE comes first because Redis, when out of memory, lets a script go on only after such a write.
 */
const TAKE_PLACE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local max, size, horizon, id = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ${FORGET_MS})
local last = tonumber(redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or 0)
local start = tonumber(redis.call('HGET', KEYS[1], 'start') or 0)
local count = tonumber(redis.call('HGET', KEYS[1], 'count') or 0)
if now >= start + size then
  count = 0
  start = now
  if last + size > now then start = last - math.ceil((last - now) / size) * size end
end
local place = tonumber(redis.call('ZSCORE', KEYS[2], id) or 0)
if place > now then return place - now end
local taken = count
if place == 0 then taken = count + redis.call('ZCOUNT', KEYS[2], start, '+inf') end
if taken < max then
  redis.call('ZREM', KEYS[2], id)
  redis.call('HSET', KEYS[1], 'start', start, 'count', count + 1)
  redis.call('PEXPIRE', KEYS[1], size * 2)
  return 0
end
place = math.max(last, start + size)
if redis.call('ZCOUNT', KEYS[2], place, place) >= max then place = place + size end
if place - now > horizon then return -1 end
redis.call('ZADD', KEYS[2], place, id)
redis.call('PEXPIRE', KEYS[2], place - now + ${FORGET_MS})
return place - now
`;

/**
 * Allows at most `max` starts in each window, over all processes, by Redis's clock. Returns 0 when the task may start.
 * Else it returns the milliseconds until the task has a place, so that the task is delayed only once.
 */
export async function takePlace(
  redis: Redis,
  key: string,
  { max, seconds }: Rate,
  id: string,
): Promise<number> {
  const sizeMs = Math.ceil(seconds * 1000);
  const horizonMs = Math.max(HORIZON_MS, sizeMs);
  // Other settings are another limit, which has windows and places of its own.
  const window = `${key}:${max}:${sizeMs}`;
  const waitMs = Number(
    await redis.eval(TAKE_PLACE, 2, window, `${window}:places`, max, sizeMs, horizonMs, id),
  );
  return waitMs < 0 ? horizonMs * (0.5 + Math.random() / 2) : waitMs;
}
