import type { Redis } from 'ioredis';
import { FREE_NAME } from './bullmq-deduplication.ts';
import { NOTE_EVENT } from './bullmq-events.ts';
import { CANCEL_ASKED, CANCELLED, STANDS_IN, UNHANDLED_SINCE } from './bullmq-fields.ts';
import { CHILDREN_OF, FLOW, FORGET_RUNS, NOW, REVIVE } from './bullmq-flows.ts';
import { ADD_ENTRY, CHANGES, type KeptChange, NOTE_CHANGE } from './bullmq-history.ts';
import { BY_TIME, BY_TYPE } from './bullmq-index.ts';
import { KEEP_END } from './bullmq-outbox.ts';
import { UNPARK } from './bullmq-parking.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { queuePriority } from './bullmq-tasks.ts';
import { UNHANDLED } from './bullmq-unhandled.ts';
import { createScript } from './script.ts';

/*
 * Changes tasks by hand: one script for as many as are given. Each task takes O(log n), but for those that BullMQ put
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

/**
 * Lua: moves a task out of the sorted set KEYS[1] to the end of its priority. `prepare` changes the job before, and returns
 * the priority. It needs the local `base`, and the keys of `requeueKeys`.
 */
const REQUEUE = `${NOTE_EVENT}
local function requeue(id, notThere, prepare)
  local job = base .. id
  if redis.call('TYPE', job).ok ~= 'hash' then return 'gone' end
  if redis.call('ZREM', KEYS[1], id) == 0 then return notThere end
  local priority = prepare(job)
  redis.call('ZADD', KEYS[2], priority * 4294967296 + redis.call('INCR', KEYS[3]) % 4294967296, id)
  noteEvent('waiting', id, redis.call('HGET', job, 'name'))
  return 'queued'
end
local function tellIdle()
  if redis.call('HEXISTS', KEYS[5], 'paused') == 0 then redis.call('ZADD', KEYS[4], 0, '0') end
end
`;

const requeueKeys = (keyOf: KeyOf, from: string) => [from, 'prioritized', 'pc', 'marker', 'meta'].map(keyOf);

/**
 * KEYS: those of `requeueKeys`. ARGV: what all keys begin with; then id, data, due time, priority and change of each
 * task. The caller read `data` before, so the script writes nothing to a job that is not dead any more.
 */
const RETRY = createScript(`
local base, results = ARGV[1], {}
${NOW}${REQUEUE}${ADD_ENTRY}${FLOW}
${FORGET_RUNS}
local reset, change = forgetRuns, nil
local function note(job) addEntry(job, '${CHANGES}', change) end
${REVIVE}
local function retry(id, data, due, priority)
  local job = base .. id
  if hasDeadChild(job) and redis.call('ZSCORE', KEYS[1], id) then return 'dead child' end
  local result = requeue(id, 'not dead', function()
    reset(job)
    note(job)
    redis.call('HSET', job, 'data', data, 'due', due, 'priority', priority)
    return priority
  end)
  if result ~= 'queued' then return result end
  if waitsFor(job) then
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZADD', base .. 'waiting-children', now, id)
    noteEvent('waiting-children', id, redis.call('HGET', job, 'name'))
    result = 'blocked'
  end
  attach(id)
  return result
end
for i = 2, #ARGV, 5 do
  change = ARGV[i + 4]
  results[#results + 1] = retry(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
end
tellIdle()
for i, result in ipairs(results) do
  if result == 'not dead' and isRevived(ARGV[5 * i - 3]) then results[i] = 'blocked' end
end
return results
`);

export interface RetriedTask {
  readonly id: string;
  /** JSON. */
  readonly data: string;
  readonly dueMs: number;
  /** 0 is first. */
  readonly priority: number;
  readonly change: KeptChange;
}

/** `blocked`: it waits for its children again. `dead child`: one of them is dead or gone, so it cannot. */
export type RetryResult = 'queued' | 'blocked' | 'dead child' | 'not dead' | 'gone';

/** Queues dead tasks as if they were new and due at `dueMs`: they have never failed or stalled, and have these data. */
export async function retryDeadTasks(
  redis: Redis,
  keyOf: KeyOf,
  tasks: readonly RetriedTask[],
): Promise<RetryResult[]> {
  const args = tasks.flatMap(({ id, data, dueMs, priority, change }) => [
    id,
    data,
    dueMs,
    queuePriority(priority),
    JSON.stringify(change),
  ]);
  return (await RETRY(redis, requeueKeys(keyOf, 'failed'), [keyOf(''), ...args])) as RetryResult[]; // as in the script
}

/**
 * KEYS: those of `requeueKeys`. ARGV: what all keys begin with, who asks, ids. `due` stands in for the delay of the
 * submission: see QUEUE_COUNTS. A task that waits for a handler waits on: it is put off again if there is none.
 */
const RUN_NOW = createScript(`
local base, results = ARGV[1], {}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
${REQUEUE}${NOTE_CHANGE}
for i = 3, #ARGV do
  results[#results + 1] = requeue(ARGV[i], 'not delayed', function(job)
    local priority = math.max(1, tonumber(redis.call('HGET', job, 'priority') or nil) or 1)
    redis.call('HSET', job, 'delay', 0, 'due', now, 'priority', priority)
    noteChange(job, 'task.run', ARGV[2], now)
    return priority
  end)
end
tellIdle()
return results
`);

export type RunNowResult = 'queued' | 'not delayed' | 'gone';

/** Queues delayed tasks as if they were due now, because the token `by` asked. */
export async function runDelayedTasks(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
  by: string,
): Promise<RunNowResult[]> {
  return (await RUN_NOW(redis, requeueKeys(keyOf, 'delayed'), [keyOf(''), by, ...ids])) as RunNowResult[]; // as in the script
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
