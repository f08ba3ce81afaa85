import type { Redis } from 'ioredis';
import { FREE_NAME } from './bullmq-deduplication.ts';
import { NOTE_EVENT } from './bullmq-events.ts';
import { CANCEL_ASKED, CANCELLED, STANDS_IN, UNHANDLED_SINCE } from './bullmq-fields.ts';
import { CHILDREN_OF, FLOW, NOW } from './bullmq-flows.ts';
import { NOTE_CHANGE } from './bullmq-history.ts';
import { BY_TIME, BY_TYPE } from './bullmq-index.ts';
import { KEEP_END } from './bullmq-outbox.ts';
import { UNPARK } from './bullmq-parking.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { UNHANDLED } from './bullmq-unhandled.ts';
import { createScript } from './script.ts';

/*
 * Removes and cancels tasks by hand: one script for as many as are given. Each task takes O(log n), but for those that BullMQ put
 * into the lists `wait` and `paused`. The caller keeps the number small: Redis does nothing else meanwhile.
 */

/**
 * A script stops early once it has passed so many entries of the lists, which takes 10 ms or so: then its reply has fewer
 * results than it got tasks.
 */
const MOST_PASSED = 500_000;

/**
 * Lua: takes a task out of whichever list it waits in. It needs the local `base`. `passed` counts the entries of lists
 * that Redis has looked at.
 */
const TAKE_OUT = `${UNPARK}
local passed = 0
local function takeOut(id, sets)
  for _, set in ipairs(sets) do
    if redis.call('ZREM', base .. set, id) == 1 then return true end
  end
  if unpark(id) then return true end
  for _, list in ipairs({'wait', 'paused'}) do
    passed = passed + redis.call('LLEN', base .. list)
    if redis.call('LREM', base .. list, 1, id) == 1 then return true end
  end
  return false
end
local function placeOf(id, timestamp)
  local created = tonumber(timestamp or nil)
  return created and created >= 0 and created < 1e13 and string.format('%013.0f:', created) .. id
end
local function isActive(id)
  return redis.call('EXISTS', base .. id .. ':lock') == 1 or redis.call('LPOS', base .. 'active', id) ~= false
end
`;

/** KEYS: by-time, by-type, unhandled. ARGV: what all keys begin with, '1' to leave tasks that a worker has started or that stand for others, ids. */
const REMOVE = createScript(`
local base, results = ARGV[1], {}
${NOW}${NOTE_EVENT}${FLOW}${CHILDREN_OF}${TAKE_OUT}${FREE_NAME}
local removed = {}
local function remove(id)
  local job = base .. id
  if removed[id] then return 'removed' end
  if isActive(id) then return 'active' end
  local fields = redis.pcall('HMGET', job, 'name', 'timestamp', 'ats', '${STANDS_IN}')
  if ARGV[2] == '1' and (fields[3] or fields[4]) then return 'active' end
  local children = redis.call('ZSCORE', base .. 'waiting-children', id) and childrenOf(id) or {}
  local wasListed = takeOut(id, {'prioritized', 'delayed', 'completed', 'failed', 'waiting-children'})
  local place = placeOf(id, fields[2])
  if fields[1] and place then
    redis.call('ZREM', KEYS[1], place)
    redis.call('ZREM', KEYS[2], fields[1] .. ':' .. place)
    redis.call('ZREM', KEYS[3], fields[1] .. ':' .. place)
  end
  childLost(id, 'removed', 'was removed')
  freeName(id, true)
  local found = redis.call('DEL', job, job .. ':logs', job .. ':dependencies', job .. ':processed', job .. ':failed',
    job .. ':unsuccessful')
  if not wasListed and found == 0 then return 'gone' end
  removed[id] = true
  noteEvent('removed', id, fields[1])
  for _, child in ipairs(children) do remove(child) end
  return 'removed'
end
for i = 3, #ARGV do
  results[i - 2] = remove(ARGV[i])
  if passed > ${MOST_PASSED} then break end
end
return results
`);

export type RemovalResult = 'removed' | 'active' | 'gone';

/** Removes tasks and all that is kept of them, unless they are active. `unlessStarted`: nor those that ever were, or that stand for others. */
export function removeTasks(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
  { unlessStarted = false } = {},
): Promise<RemovalResult[]> {
  const keys = [BY_TIME, BY_TYPE, UNHANDLED].map(keyOf);
  return inRounds(ids, async (rest) => {
    const reply = await REMOVE(redis, keys, [keyOf(''), unlessStarted ? '1' : '0', ...rest]);
    return reply as RemovalResult[]; // as in the script
  });
}

/** Calls `change` with what is left until all tasks have a result. */
async function inRounds<T>(
  ids: readonly string[],
  change: (rest: readonly string[]) => Promise<T[]>,
): Promise<T[]> {
  const results: T[] = [];
  while (results.length < ids.length) results.push(...(await change(ids.slice(results.length))));
  return results;
}

/** Workers are told the id of a task that they shall end. */
export const CANCELS = 'asdlc:cancels';

/**
 * KEYS: failed, unhandled. ARGV: what all keys begin with, who asks, ids. A worker that misses the message finds
 * CANCEL_ASKED when it renews the task's lock, and one that takes the task later finds it then. Without the right to
 * publish it works so too. Only the first of several to ask is noted.
 */
const CANCEL = createScript(`
local base, results = ARGV[1], {}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
${NOTE_EVENT}${KEEP_END}${NOTE_CHANGE}${FLOW}${CHILDREN_OF}${TAKE_OUT}${FREE_NAME}
local ended = {}
local function cancel(id)
  local job = base .. id
  if ended[id] then return 'cancelled' end
  local kind = redis.call('TYPE', job).ok
  if kind ~= 'hash' then return kind == 'none' and 'gone' or 'ended' end
  if isActive(id) then
    if redis.call('HSET', job, '${CANCEL_ASKED}', now) == 1 then noteChange(job, 'task.cancel', ARGV[2], now) end
    redis.pcall('PUBLISH', base .. '${CANCELS}', id)
    return 'asked'
  end
  local children = redis.call('ZSCORE', base .. 'waiting-children', id) and childrenOf(id) or {}
  if not takeOut(id, {'prioritized', 'delayed', 'waiting-children'}) then return 'ended' end
  local fields = redis.call('HMGET', job, 'name', 'timestamp')
  local place = placeOf(id, fields[2])
  if fields[1] and place then redis.call('ZREM', KEYS[2], fields[1] .. ':' .. place) end
  redis.call('HDEL', job, '${UNHANDLED_SINCE}')
  redis.call('HDEL', job, 'defa')
  redis.call('HSET', job, 'finishedOn', now, 'failedReason', '${CANCELLED}')
  redis.call('ZADD', KEYS[1], now, id)
  noteChange(job, 'task.cancel', ARGV[2], now)
  noteEvent('failed', id, fields[1])
  keepEnd('failed', id, fields[1])
  childLost(id, '${CANCELLED}', 'is dead')
  freeName(id, false)
  ended[id] = true
  for _, child in ipairs(children) do cancel(child) end
  return 'cancelled'
end
for i = 3, #ARGV do
  results[i - 2] = cancel(ARGV[i])
  if passed > ${MOST_PASSED} then break end
end
return results
`);

/** `cancelled`: it is dead. `asked`: its worker will end it. `ended`: it was completed or dead before. */
export type CancelResult = 'cancelled' | 'asked' | 'ended' | 'gone';

/** Ends tasks that wait, and asks the workers to end those that run, because the token `by` asked. */
export function cancelTasks(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
  by: string,
): Promise<CancelResult[]> {
  const keys = ['failed', UNHANDLED].map(keyOf);
  return inRounds(ids, async (rest) => {
    return (await CANCEL(redis, keys, [keyOf(''), by, ...rest])) as CancelResult[]; // as in the script
  });
}

/** Forgets that somebody asked to cancel a task: it has ended. */
export async function forgetCancel(redis: Redis, keyOf: KeyOf, id: string): Promise<void> {
  await redis.hdel(keyOf(id), CANCEL_ASKED);
}
