import type { Redis } from 'ioredis';
import { LARGEST_PRIORITY } from '../http-contract/limits.ts';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { UNHANDLED_SINCE } from './bullmq-fields.ts';
import { UNREADABLE } from './bullmq-guard.ts';
import { BY_TIME, BY_TYPE, CHECKED } from './bullmq-index.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { UNHANDLED } from './bullmq-unhandled.ts';
import { createScript } from './script.ts';

/*
 * Adds, reads, removes and retries single tasks. Each script takes O(log n) for each task: the number of waiting tasks
 * does not matter. To that end every task that is due goes into BullMQ's sorted set `prioritized`, also those of
 * priority 0. BullMQ puts those into the list `wait`, where it must look at each one to find or remove a task. It still
 * puts there what it takes back from a worker that died.
 */

/**
 * How many members of the index are checked for each new task. The checks go through `by-type` in its order, and begin
 * again at its end. So the index grows to 4/3 of the tasks that exist: a removed one stays for half a round on average.
 */
const CHECKS_FOR_EACH = 2;

/** A submission of few tasks makes no checks as a rule, and so many now and then: that is cheaper. */
const CHECKS_AT_ONCE = 32;

/** What a stored task needs. `data` and `opts` are JSON. */
export interface NewTask {
  readonly id: string;
  readonly eventType: string;
  readonly data: string;
  readonly opts: string;
  readonly delayMs: number;
  /** 0 is first. */
  readonly priority: number;
}

/**
 * KEYS: prioritized, delayed, pc, marker, meta, by-time, by-type, checked. ARGV: what all keys begin with, then six values
 * for each task.
 * - `pc` numbers the tasks of one priority. The score of `delayed` has 12 bits that do the same within a millisecond.
 * - `marker` wakes idle workers: by 0 at once, else at the time of its score.
 */
const ADD = createScript(`
local base = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local added, waits, delays = {}, false, false
for i = 2, #ARGV, 6 do
  local id, name, delay = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 4])
  local job = base .. id
  if redis.call('EXISTS', job) == 1 then
    added[#added + 1] = 0
  else
    redis.call('HSET', job, 'name', name, 'data', ARGV[i + 2], 'opts', ARGV[i + 3], 'timestamp', now,
      'delay', delay, 'priority', ARGV[i + 5])
    if delay > 0 then
      local first = (now + delay) * 4096
      local last = redis.call('ZREVRANGEBYSCORE', KEYS[2], first + 4095, first, 'WITHSCORES', 'LIMIT', 0, 1)[2]
      redis.call('ZADD', KEYS[2], last and math.min(last + 1, first + 4095) or first, id)
      delays = true
    else
      redis.call('ZADD', KEYS[1], ARGV[i + 5] * 4294967296 + redis.call('INCR', KEYS[3]) % 4294967296, id)
      waits = true
    end
    local place = string.format('%013.0f:', now) .. id
    redis.call('ZADD', KEYS[6], 0, place)
    redis.call('ZADD', KEYS[7], 0, name .. ':' .. place)
    added[#added + 1] = 1
  end
end
if waits and redis.call('HEXISTS', KEYS[5], 'paused') == 0 then redis.call('ZADD', KEYS[4], 0, '0') end
if delays then
  local due = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
  redis.call('ZADD', KEYS[4], math.floor(due / 4096), '1')
end
local checks = #added * ${CHECKS_FOR_EACH}
if checks < ${CHECKS_AT_ONCE} then checks = time[2] % (${CHECKS_AT_ONCE} / checks) < 1 and ${CHECKS_AT_ONCE} or 0 end
if checks > 0 then
  local from = redis.call('GET', KEYS[8])
  local members = redis.call('ZRANGEBYLEX', KEYS[7], from and '(' .. from or '-', '+', 'LIMIT', 0, checks)
  for _, member in ipairs(members) do
    local created, id = string.match(member, '^[^:]*:(%d+):(.*)$')
    local timestamp = id and redis.pcall('HGET', base .. id, 'timestamp')
    if type(timestamp) ~= 'string' or tonumber(timestamp) ~= tonumber(created) then
      redis.call('ZREM', KEYS[7], member)
      if id then redis.call('ZREM', KEYS[6], created .. ':' .. id) end
    end
  end
  redis.call('SET', KEYS[8], #members == checks and members[checks] or '')
end
return added
`);

/**
 * Queues all the tasks or, when Redis refuses, none. Returns for each whether it is new; false: a task has that id
 * already, and stays as it is. Keep the number small: Redis does nothing else meanwhile.
 */
export async function addTasks(redis: Redis, keyOf: KeyOf, tasks: readonly NewTask[]): Promise<boolean[]> {
  const keys = ['prioritized', 'delayed', 'pc', 'marker', 'meta', BY_TIME, BY_TYPE, CHECKED].map(keyOf);
  const args = tasks.flatMap(({ id, eventType, data, opts, delayMs, priority }) => [
    id,
    eventType,
    data,
    opts,
    delayMs,
    queuePriority(priority),
  ]);
  const added = (await ADD(redis, keys, [keyOf(''), ...args])) as number[]; // as in the script
  return added.map((isNew) => isNew === 1);
}

/** BullMQ's priority 0 means the list `wait`. So asdlc's 0 is BullMQ's 1. The last two priorities are one. */
export function queuePriority(priority: number): number {
  return Math.min(priority + 1, LARGEST_PRIORITY);
}

/**
 * A Lua function: the status of a job that exists. The list `active` is no longer than the workers have slots. Whatever
 * is in no set and not active waits, or moves from one list to another.
 */
export const STATUS_OF = `
local function statusOf(base, id)
  if redis.call('ZSCORE', base .. 'prioritized', id) then return 'queued' end
  if redis.call('ZSCORE', base .. 'completed', id) then return 'completed' end
  if redis.call('ZSCORE', base .. 'failed', id) then return 'dead' end
  if redis.call('ZSCORE', base .. 'delayed', id) then return 'delayed' end
  if redis.call('LPOS', base .. 'active', id) then return 'active' end
  return 'queued'
end
`;

/** KEYS: one that is there for Redis Cluster alone. ARGV: what all keys begin with, then ids. */
const READ = createScript(`${STATUS_OF}
local tasks = {}
for i = 2, #ARGV do
  local fields = redis.pcall('HGETALL', ARGV[1] .. ARGV[i])
  if fields.err then fields = {'defa', '${UNREADABLE}the task: expected a hash; got another type'} end
  tasks[i - 1] = #fields > 0 and {statusOf(ARGV[1], ARGV[i]), fields} or false
end
return tasks
`);

/** A task as Redis has it. */
export interface StoredTask {
  readonly id: string;
  readonly status: TaskStatus;
  /** The fields of BullMQ's hash. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads tasks with their status, each in one step. Returns undefined for an id that no task has. */
export async function readTasks(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
): Promise<(StoredTask | undefined)[]> {
  const replies = await READ(redis, [keyOf('meta')], [keyOf(''), ...ids]);
  return (replies as ([TaskStatus, string[]] | null)[]).map((reply, i) => {
    // as in the script
    if (reply === null) return undefined;
    const [status, pairs] = reply;
    const fields: Record<string, string> = {};
    for (let at = 0; at < pairs.length; at += 2) fields[pairs[at] ?? ''] = pairs[at + 1] ?? '';
    return { id: ids[i] ?? '', status, fields };
  });
}

/**
 * KEYS: by-time, by-type, unhandled. ARGV: what all keys begin with, the id, and '1' to leave a task that a worker has started.
 * Only a task that BullMQ put into `wait` costs more than O(log n).
 */
const REMOVE = createScript(`
local base, id = ARGV[1], ARGV[2]
local job = base .. id
if redis.call('EXISTS', job .. ':lock') == 1 or redis.call('LPOS', base .. 'active', id) then return 'active' end
local fields = redis.pcall('HMGET', job, 'name', 'timestamp', 'ats')
if ARGV[3] == '1' and fields[3] then return 'active' end
local found = 0
for _, set in ipairs({'prioritized', 'delayed', 'completed', 'failed', 'waiting-children'}) do
  if found == 0 then found = redis.call('ZREM', base .. set, id) end
end
for _, list in ipairs({'wait', 'paused'}) do
  if found == 0 then found = redis.call('LREM', base .. list, 1, id) end
end
local created = tonumber(fields[2] or nil)
if fields[1] and created and created >= 0 and created < 1e13 then
  local place = string.format('%013.0f:', created) .. id
  redis.call('ZREM', KEYS[1], place)
  redis.call('ZREM', KEYS[2], fields[1] .. ':' .. place)
  redis.call('ZREM', KEYS[3], fields[1] .. ':' .. place)
end
found = found + redis.call('DEL', job, job .. ':logs', job .. ':dependencies', job .. ':processed', job .. ':failed',
  job .. ':unsuccessful')
return found > 0 and 'removed' or 'gone'
`);

export type RemovalResult = 'removed' | 'active' | 'gone';

/** Removes a task and all that is kept of it, unless it is active. `unlessStarted`: nor one that ever was. */
export async function removeTask(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
  { unlessStarted = false } = {},
): Promise<RemovalResult> {
  const args = [keyOf(''), id, unlessStarted ? '1' : '0'];
  return (await REMOVE(redis, [BY_TIME, BY_TYPE, UNHANDLED].map(keyOf), args)) as RemovalResult; // as in the script
}

/**
 * KEYS: failed, prioritized, pc, marker, meta, the job. ARGV: id, data, due time, priority. `stc` counts how often the
 * job stalled, `ats` its starts and `atm` its attempts. The caller read `data` before, so the script writes nothing once
 * the job is not dead.
 */
const RETRY = createScript(`
if redis.call('TYPE', KEYS[6]).ok ~= 'hash' then return 'gone' end
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 'not dead' end
redis.call('HDEL', KEYS[6], 'stc', 'ats', 'atm', 'finishedOn', 'processedOn', 'failedReason', 'defa', '${UNHANDLED_SINCE}')
redis.call('HSET', KEYS[6], 'data', ARGV[2], 'due', ARGV[3], 'priority', ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[4] * 4294967296 + redis.call('INCR', KEYS[3]) % 4294967296, ARGV[1])
if redis.call('HEXISTS', KEYS[5], 'paused') == 0 then redis.call('ZADD', KEYS[4], 0, '0') end
return 'queued'
`);

export interface RetriedTask {
  readonly id: string;
  /** JSON. */
  readonly data: string;
  readonly dueMs: number;
  /** 0 is first. */
  readonly priority: number;
}

/** Queues a dead task as if it were new and due at `dueMs`: it has never failed or stalled, and has these data. */
export async function retryDeadTask(
  redis: Redis,
  keyOf: KeyOf,
  { id, data, dueMs, priority }: RetriedTask,
): Promise<'queued' | 'not dead' | 'gone'> {
  const keys = ['failed', 'prioritized', 'pc', 'marker', 'meta', id].map(keyOf);
  const reply = await RETRY(redis, keys, [id, data, dueMs, queuePriority(priority)]);
  return reply as 'queued' | 'not dead' | 'gone'; // as in the script
}
