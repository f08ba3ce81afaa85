import type { Redis } from 'ioredis';
import { QUEUE_NAME } from './queue.ts';

export interface QueueSnapshot {
  /** Delayed tasks that are due count as waiting. */
  readonly tasks: Readonly<Record<'waiting' | 'active' | 'delayed' | 'dead', number>>;
  /** How long the task that is due for longest has waited; 0 when none waits. */
  readonly oldestAgeSeconds: number;
}

/**
 * One round trip. A task is due when it was submitted, or when its delay was over, or at the time noted with it (the end
 * of a backoff, a retry by hand), or, when it was put back, when it last ran. Delayed tasks that are due wait like
 * others: workers make them so, and where there are none nobody does; their score holds the time in units of 1/4096 ms.
 * The wait list's oldest is at its end; of prioritised tasks, which are ordered otherwise, fifty are looked at. All keys
 * share a hash tag, and so a slot of a cluster.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local overdue = redis.call('ZCOUNT', KEYS[5], '-inf', now * 4096)
local waiting = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + overdue
local oldest = now
if overdue > 0 then oldest = tonumber(redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]) / 4096 end
local ids = redis.call('ZRANGE', KEYS[3], 0, 49)
for _, key in ipairs({KEYS[1], KEYS[2]}) do
  local id = redis.call('LINDEX', key, -1)
  if id then ids[#ids + 1] = id end
end
for _, id in ipairs(ids) do
  local job = redis.call('HMGET', ARGV[1] .. id, 'timestamp', 'processedOn', 'due', 'opts')
  if job[1] then
    local delay = 0
    if job[4] then delay = cjson.decode(job[4])['delay'] or 0 end
    local due = math.max(tonumber(job[1]) + delay, tonumber(job[2] or 0), tonumber(job[3] or 0))
    if due < oldest then oldest = due end
  end
end
return {waiting, redis.call('LLEN', KEYS[4]), redis.call('ZCARD', KEYS[5]) - overdue, redis.call('ZCARD', KEYS[6]),
  tostring(now - oldest)}
`;

/** Reads the state of the queue; rejects as the connection does when Redis is away. */
export async function readQueue(redis: Redis, prefix: string): Promise<QueueSnapshot> {
  const base = `${prefix}:${QUEUE_NAME}:`;
  const keys = ['wait', 'paused', 'prioritized', 'active', 'delayed', 'failed'].map((key) => base + key);
  const answer = (await redis.eval(SCRIPT, keys.length, ...keys, base)) as [
    number,
    number,
    number,
    number,
    string,
  ];
  const [waiting, active, delayed, dead, ageMs] = answer; // what the script returns
  return { tasks: { waiting, active, delayed, dead }, oldestAgeSeconds: Math.max(0, Number(ageMs) / 1000) };
}
