import type { Redis } from 'ioredis';
import { LARGEST_PRIORITY } from '../http-contract/limits.ts';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { DEDUPLICATE, type Deduplication } from './bullmq-deduplication.ts';
import { NOTE_EVENT } from './bullmq-events.ts';
import { UNREADABLE } from './bullmq-guard.ts';
import { BY_TIME, BY_TYPE, CHECKED } from './bullmq-index.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * Adds and reads tasks. Each script takes O(log n) for each task: the number of waiting tasks
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
  /** How many of the tasks after it belong to it: they are added if it is new, else none of them is. */
  readonly members?: number;
  /** It waits for the tasks that have it as their parent. */
  readonly isBlocked?: boolean;
  /** The task that waits for it. */
  readonly parent?: { readonly id: string; readonly runsAnyway: boolean } | undefined;
  readonly deduplication?: Deduplication | undefined;
}

/** The keys of ADDING, in its order. */
export const ADDING_KEYS = [
  'prioritized',
  'delayed',
  'pc',
  'marker',
  'meta',
  BY_TIME,
  BY_TYPE,
  CHECKED,
] as const;

/**
 * Lua for scripts that add tasks. Their KEYS begin with ADDING_KEYS, and ARGV[1] is what all keys begin with. `addTask`
 * returns whether the task is new; `isBlocked` and `parent` (JSON) are those of flows. `others` are what the keys of other
 * queues begin with that may have a task with the same id. `endAdding` belongs at the end of the script.
 * - `pc` numbers the tasks of one priority. The score of `delayed` has 12 bits that do the same within a millisecond.
 * - `marker` wakes idle workers: by 0 at once, else at the time of its score.
 */
export const ADDING = `
local base = ARGV[1]
${NOTE_EVENT}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local waits, delays, others = false, false, {}
local function isTaken(id)
  if redis.call('EXISTS', base .. id) == 1 then return true end
  for _, other in ipairs(others) do
    if redis.call('EXISTS', other .. id) == 1 then return true end
  end
  return false
end
local function addTask(id, name, data, opts, delay, priority, isBlocked, parent)
  local job = base .. id
  if isTaken(id) then return false end
  redis.call('HSET', job, 'name', name, 'data', data, 'opts', opts, 'timestamp', now,
    'delay', delay, 'priority', priority)
  if parent and parent ~= '' then
    local parentKey = base .. cjson.decode(parent).id
    redis.call('HSET', job, 'parent', parent, 'parentKey', parentKey)
    redis.call('SADD', parentKey .. ':dependencies', job)
  end
  if isBlocked then
    redis.call('ZADD', base .. 'waiting-children', now, id)
  elseif delay > 0 then
    local first = (now + delay) * 4096
    local last = redis.call('ZREVRANGEBYSCORE', KEYS[2], first + 4095, first, 'WITHSCORES', 'LIMIT', 0, 1)[2]
    redis.call('ZADD', KEYS[2], last and math.min(last + 1, first + 4095) or first, id)
    delays = true
  else
    redis.call('ZADD', KEYS[1], priority * 4294967296 + redis.call('INCR', KEYS[3]) % 4294967296, id)
    waits = true
  end
  local place = string.format('%013.0f:', now) .. id
  redis.call('ZADD', KEYS[6], 0, place)
  redis.call('ZADD', KEYS[7], 0, name .. ':' .. place)
  noteEvent(isBlocked and 'waiting-children' or delay > 0 and 'delayed' or 'waiting', id, name)
  return true
end
local function endAdding(count)
  if waits and redis.call('HEXISTS', KEYS[5], 'paused') == 0 then redis.call('ZADD', KEYS[4], 0, '0') end
  if delays then
    local due = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]
    redis.call('ZADD', KEYS[4], math.floor(due / 4096), '1')
  end
  local checks = count * ${CHECKS_FOR_EACH}
  if checks < ${CHECKS_AT_ONCE} then checks = time[2] % (${CHECKS_AT_ONCE} / checks) < 1 and ${CHECKS_AT_ONCE} or 0 end
  if checks <= 0 then return end
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
`;

/** How many values ADD gets for each task. */
const VALUES = 13;

/**
 * ARGV: as ADDING says, the number of other queues and what their keys begin with, then VALUES for each task.
 * What belongs to a task that is not new is not added either. Returns 1 for a new task, 0 for one that exists, else the id of the task that stands for it.
 */
const ADD = createScript(`${ADDING}${DEDUPLICATE}
local added, skipped = {}, 0
for i = 3, 2 + ARGV[2] do others[#others + 1] = ARGV[i] end
for i = 3 + ARGV[2], #ARGV, ${VALUES} do
  local id, name, mode, ttl = ARGV[i], ARGV[i + 9], ARGV[i + 10], tonumber(ARGV[i + 11])
  local isNew, other = false, nil
  if skipped > 0 then
    skipped = skipped - 1
  else
    other = name ~= '' and standIn(id, ARGV[i + 2], ARGV[i + 3], name, mode, ttl) or nil
    isNew = not other and addTask(id, ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], tonumber(ARGV[i + 4]), ARGV[i + 5],
      ARGV[i + 7] == '1', ARGV[i + 8])
    if isNew and name ~= '' then claim(id, name, mode, ttl, ARGV[i + 12]) end
    if not isNew then skipped = tonumber(ARGV[i + 6]) end
  end
  added[#added + 1] = other or isNew and 1 or 0
end
endAdding(#added)
return added
`);

/**
 * Queues all the tasks or, when Redis refuses, none. Returns for each whether it is new; false: a task has that id
 * already, here or in one of the `others`, and stays as it is; or the id of the task that stands for it. Keep the number
 * small: Redis does nothing else meanwhile.
 */
export async function addTasks(
  redis: Redis,
  keyOf: KeyOf,
  tasks: readonly NewTask[],
  others: readonly KeyOf[] = [],
): Promise<(boolean | string)[]> {
  const keys = ADDING_KEYS.map(keyOf);
  const queueKey = keyOf('').slice(0, -1);
  const args = tasks.flatMap(
    ({ id, eventType, data, opts, delayMs, priority, members = 0, isBlocked, parent, deduplication }) => [
      id,
      eventType,
      data,
      opts,
      delayMs,
      queuePriority(priority),
      members,
      isBlocked ? '1' : '0',
      parent ? JSON.stringify({ id: parent.id, queueKey, [parent.runsAnyway ? 'idof' : 'fpof']: true }) : '',
      deduplication?.name ?? '',
      deduplication?.mode ?? '',
      deduplication?.ttlMs ?? 0,
      deduplication?.firstPayload ?? '',
    ],
  );
  const added = (await ADD(redis, keys, [
    keyOf(''),
    others.length,
    ...others.map((of) => of('')),
    ...args,
  ])) as (number | string)[]; // as in the script
  return added.map((end) => (typeof end === 'string' ? end : end === 1));
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
  if redis.call('ZSCORE', base .. 'waiting-children', id) then return 'blocked' end
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
