import type { Redis } from 'ioredis';
import { NOTE_EVENT } from './bullmq-events.ts';
import { FLOW, FORGET_RUNS, MAX_DEAD_CHILDREN, NOW, REVIVE } from './bullmq-flows.ts';
import { ADD_ENTRY, CHANGES, type KeptChange, NOTE_CHANGE } from './bullmq-history.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { queuePriority } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/* Queues dead and delayed tasks by hand: one script for as many as are given. The caller keeps the number small. */

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

/** How many values RETRY gets for each task. */
const VALUES = 6;

/**
 * KEYS: those of `requeueKeys`. ARGV: what all keys begin with; then id, data, due time, priority and change of each
 * task, and '1' if it was asked for. The others are dead children: each is retried only with a task that was asked for and
 * that can run then. The caller read `data` before, so the script writes nothing to a job that is not dead any more.
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
local places = {}
for i = 2, #ARGV, ${VALUES} do places[ARGV[i]] = i end
local function isDead(id) return redis.call('ZSCORE', KEYS[1], id) ~= false end
-- Puts the task behind its dead children, and those behind theirs; false: one of them is gone or cannot run.
local function gather(id, order, seen)
  if seen[id] then return true end
  seen[id] = true
  local keys = redis.pcall('ZRANGE', base .. id .. ':unsuccessful', 0, ${MAX_DEAD_CHILDREN})
  for _, key in ipairs(keys.err and {} or keys) do
    local child = string.sub(key, #base + 1)
    if string.sub(key, 1, #base) ~= base or not places[child] or not isDead(child) then return false end
    if not gather(child, order, seen) then return false end
  end
  order[#order + 1] = id
  return true
end
local function retryOne(id)
  local i = places[id]
  change = ARGV[i + 4]
  results[id] = retry(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
end
for i = 2, #ARGV, ${VALUES} do
  local id = ARGV[i]
  if ARGV[i + 5] == '1' and not results[id] then
    if not hasDeadChild(base .. id) or not isDead(id) then retryOne(id)
    else
      local order = {}
      if not gather(id, order, {}) then results[id] = 'dead child'
      else for _, each in ipairs(order) do if not results[each] then retryOne(each) end end end
    end
  end
end
tellIdle()
local reply = {}
for i = 2, #ARGV, ${VALUES} do
  local result = results[ARGV[i]] or 'left'
  if result == 'not dead' and isRevived(ARGV[i]) then result = 'blocked' end
  reply[#reply + 1] = result
end
return reply
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

/**
 * `blocked`: it waits for its children again. `dead child`: one of them is dead or gone, so it cannot. `left`: it was not asked
 * for, and no task that was can run with it.
 */
export type RetryResult = 'queued' | 'blocked' | 'dead child' | 'not dead' | 'gone' | 'left';

/**
 * Queues dead tasks as if they were new and due at `dueMs`: they have never failed or stalled, and have these data. Those that
 * are not `asked` for are dead children of the others.
 */
export async function retryDeadTasks(
  redis: Redis,
  keyOf: KeyOf,
  tasks: readonly RetriedTask[],
  asked: ReadonlySet<string>,
): Promise<RetryResult[]> {
  const args = tasks.flatMap(({ id, data, dueMs, priority, change }) => [
    id,
    data,
    dueMs,
    queuePriority(priority),
    JSON.stringify(change),
    asked.has(id) ? '1' : '',
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
