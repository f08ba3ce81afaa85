import type { Redis } from 'ioredis';
import { NOTE_EVENT } from './bullmq-events.ts';
import { UNHANDLED_SINCE } from './bullmq-fields.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * Tasks that wait for a handler: a worker took each, knew no handler for its event type, and put it off. The sorted set
 * has the members `<event type>:<created>:<id>`, as the index `by-type` has: all scores are 0, so that the tasks of one
 * type lie in the order of their submission. A member stays until a worker with a handler starts the task, the task is
 * dead, or it is removed. Until then the task is delayed, or queued once its time has come.
 */
export const UNHANDLED = 'asdlc:unhandled';

const FIRST_DELAY_MS = 5_000;
const MAX_DELAY_MS = 60_000;

/** Lua: the member of a job with this event type and time of submission. A damaged time counts as 0. */
export const MEMBER = `
local function memberOf(name, created, id)
  return name .. ':' .. string.format('%013.0f:', tonumber(created or nil) or 0) .. id
end
`;

/**
 * KEYS: unhandled, the job. ARGV: its id, event type, time of submission, and the grace in ms. The delay is the time that
 * the task has waited and the first delay: 5, 10, 20, 40, 60 s. It never goes past the grace. Returns the delay, -1 once
 * the grace is over, and whether this is the first time.
 */
const NOTE = createScript(`${MEMBER}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local member = memberOf(ARGV[2], ARGV[3], ARGV[1])
if redis.call('EXISTS', KEYS[2]) == 0 then return {${FIRST_DELAY_MS}, 0} end
local isFirst = redis.call('HSETNX', KEYS[2], '${UNHANDLED_SINCE}', now)
local waited = math.max(0, now - tonumber(redis.call('HGET', KEYS[2], '${UNHANDLED_SINCE}')))
if waited >= tonumber(ARGV[4]) then
  redis.call('ZREM', KEYS[1], member)
  return {-1, isFirst}
end
redis.call('ZADD', KEYS[1], 0, member)
return {math.min(${FIRST_DELAY_MS} + waited, ${MAX_DELAY_MS}, ARGV[4] - waited), isFirst}
`);

export interface UnhandledTask {
  readonly id: string;
  readonly eventType: string;
  /** When it was submitted, in Unix milliseconds. */
  readonly createdMs: number;
}

export interface Wait {
  /** When to look again; undefined: the task has waited as long as it may. */
  readonly delayMs: number | undefined;
  readonly isFirst: boolean;
}

/** Notes that a task waits for a handler, and returns for how long to put it off. */
export async function noteUnhandled(
  redis: Redis,
  keyOf: KeyOf,
  { id, eventType, createdMs }: UnhandledTask,
  graceMs: number,
): Promise<Wait> {
  const reply = await NOTE(redis, [UNHANDLED, id].map(keyOf), [id, eventType, createdMs, Math.ceil(graceMs)]);
  const [delayMs, isFirst] = reply as [number, number]; // as in the script
  return { delayMs: delayMs < 0 ? undefined : delayMs, isFirst: isFirst === 1 };
}

/** KEYS: unhandled, the job. ARGV: as those of NOTE. */
const CLEAR = createScript(`${MEMBER}
redis.call('ZREM', KEYS[1], memberOf(ARGV[2], ARGV[3], ARGV[1]))
redis.call('HDEL', KEYS[2], '${UNHANDLED_SINCE}')
`);

/** Notes that a worker with a handler has the task. Does nothing to a task that did not wait for one. */
export async function clearUnhandled(
  redis: Redis,
  keyOf: KeyOf,
  { id, eventType, createdMs }: UnhandledTask,
): Promise<void> {
  await CLEAR(redis, [UNHANDLED, id].map(keyOf), [id, eventType, createdMs]);
}

/** How many tasks of each type one call brings back. Redis does nothing else for 2 ms or so. */
const PROMOTED_AT_ONCE = 1_000;
/** How many members each call checks. Another program may have removed a task, or Redis may have refused `CLEAR`. */
const CHECKED_AT_ONCE = 20;

/**
 * KEYS: unhandled, delayed, prioritized, wait, pc, marker, meta. ARGV: what all keys begin with, then event types. A task
 * goes to the end of its priority, as one does whose delay is over.
 */
const PROMOTE = createScript(`
local base, promoted, left = ARGV[1], 0, ${PROMOTED_AT_ONCE}
${NOTE_EVENT}
for i = 2, #ARGV do
  if left == 0 then break end
  local members = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. ARGV[i] .. ':', '(' .. ARGV[i] .. ';', 'LIMIT', 0, left)
  left = left - #members
  for _, member in ipairs(members) do
    local id = string.match(member, '[^:]*$')
    if redis.call('ZREM', KEYS[2], id) == 1 then
      local priority = tonumber(redis.call('HGET', base .. id, 'priority')) or 0
      redis.call('HSET', base .. id, 'delay', 0)
      if priority == 0 then redis.call('LPUSH', KEYS[4], id)
      else redis.call('ZADD', KEYS[3], priority * 4294967296 + redis.call('INCR', KEYS[5]) % 4294967296, id) end
      noteEvent('waiting', id, ARGV[i])
      promoted = promoted + 1
    end
  end
end
for _, member in ipairs(redis.call('ZRANDMEMBER', KEYS[1], ${CHECKED_AT_ONCE})) do
  local id = string.match(member, '[^:]*$')
  local waits = redis.call('HEXISTS', base .. id, '${UNHANDLED_SINCE}') == 1
    and not redis.call('ZSCORE', base .. 'completed', id) and not redis.call('ZSCORE', base .. 'failed', id)
  if not waits then redis.call('ZREM', KEYS[1], member) end
end
if promoted > 0 and redis.call('HEXISTS', KEYS[7], 'paused') == 0 then redis.call('ZADD', KEYS[6], 0, '0') end
return promoted
`);

/** Brings tasks of these event types back at once, the oldest first. Returns how many. */
export async function promoteUnhandled(
  redis: Redis,
  keyOf: KeyOf,
  eventTypes: readonly string[],
): Promise<number> {
  const keys = [UNHANDLED, 'delayed', 'prioritized', 'wait', 'pc', 'marker', 'meta'].map(keyOf);
  return Number(await PROMOTE(redis, keys, [keyOf(''), ...eventTypes]));
}

/** Counts the tasks that wait for a handler. */
export function countUnhandled(redis: Redis, keyOf: KeyOf): Promise<number> {
  return redis.zcard(keyOf(UNHANDLED));
}
