import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { QUEUE_NAME } from '../queue-names.ts';
import { NOTE_EVENT } from './bullmq-events.ts';
import { CANCEL_ASKED } from './bullmq-fields.ts';

/*
 * The files `bullmq-*.ts` hold all that asdlc knows of the keys, fields and lists that BullMQ keeps in Redis. BullMQ
 * documents none of them, so each of its releases may change them. A job is a hash at `<prefix>:<queue>:<id>`; its lock is the key `…:<id>:lock`. The
 * lists and sorted sets of ids lie beside it. All keys share the prefix's hash tag, and so a slot of a Redis Cluster.
 */

/** The version of BullMQ that these files were compared with. A test fails when another one is installed. */
export const REVIEWED_BULLMQ_VERSION = '6.7.0';

/** Returns the key of a job by its id, or that of one of the queue's lists by its name. */
export type KeyOf = (name: string) => string;

/** A queue's connection, and the names of its keys. */
export interface QueueRedis {
  /** The name of the queue. */
  readonly queue: string;
  readonly redis: Redis;
  readonly keyOf: KeyOf;
}

/** The keys of all queues have the prefix's hash tag: one script may use those of several. */
export function queueKeys(prefix: string, queue: string = QUEUE_NAME): KeyOf {
  const base = `${prefix}:${queue}:`;
  return (name) => base + name;
}

/**
 * Whether Redis has stored the end of this attempt, though the worker got no reply. Only a stall, which Redis counts, lets
 * anybody else end an attempt of the job.
 */
export async function isEndStored(
  redis: Redis,
  keyOf: KeyOf,
  job: { readonly id?: string; readonly attemptsMade: number; readonly stalledCounter: number },
): Promise<boolean> {
  const [made, stalls] = await redis.hmget(keyOf(job.id ?? ''), 'atm', 'stc');
  return Number(made) > job.attemptsMade && Number(stalls) === job.stalledCounter;
}

/** The tasks whose event type is paused: see `bullmq-parking.ts`. */
export const PARKED = 'asdlc:parked';

/** The paused event types, each with its pause. */
export const PAUSED_TYPES = 'asdlc:paused-types';

/** The lists of jobs with each status. */
export const LISTS: Readonly<Record<TaskStatus, readonly string[]>> = {
  active: ['active'],
  queued: ['prioritized', 'wait', 'paused', PARKED],
  delayed: ['delayed'],
  blocked: ['waiting-children'],
  dead: ['failed'],
  completed: ['completed'],
};

/** In the order in which a listing of all tasks shows them. */
export const STATUSES = Object.keys(LISTS) as readonly TaskStatus[]; // as above

/** What a list of LISTS is in Redis. `members`: a sorted set whose members are `<event type>:<created>:<id>`, all with the score 0. */
export function kindOf(name: string): 'list' | 'zset' | 'members' {
  if (name === PARKED) return 'members';
  return name === 'wait' || name === 'paused' || name === 'active' ? 'list' : 'zset';
}

/** `due` is asdlc's own field. The script writes nothing to a job that was removed. */
const NOTE_DUE = `
if redis.call('TYPE', KEYS[1]).ok == 'hash' then redis.call('HSET', KEYS[1], 'due', ARGV[1]) end
`;

/** Notes when a task that failed is due again (Unix milliseconds by Redis's clock). readQueueCounts reads it. */
export async function noteDueTime(redis: Redis, keyOf: KeyOf, id: string, dueMs: number): Promise<void> {
  await redis.eval(NOTE_DUE, 1, keyOf(id), Math.round(dueMs));
}

/**
 * KEYS: wait, paused, prioritized, active, delayed, failed, completed, waiting-children, parked, paused types. ARGV[1]:
 * what all keys begin with.
 * - `delayed` holds due times in units of 1/4096 ms. A delayed job that is due waits like the others: BullMQ's workers
 *   move it to `wait`, and without workers nobody does.
 * - A job is due at `due`, where it has one: the end of a backoff, or when somebody retried it or made it run at once.
 *   Else at its submission plus its delay. But not before `processedOn`, its last start, for one that was put back.
 * - The oldest job of `wait` is the last of the list. In `prioritized` the oldest of each priority is its first, but for
 *   what a worker put back. The scores of a priority begin at its number times 2^32. The script looks at two jobs of
 *   each of the first thirty priorities.
 * - A job of a paused event type waits for no worker: it makes no age. Most are parked. Of the others the script passes a
 *   few in front of each priority, and the next fetch of a worker parks them.
 */
const QUEUE_COUNTS = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local overdue = redis.call('ZCOUNT', KEYS[5], '-inf', now * 4096)
local waiting = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + overdue
local oldest = now
if overdue > 0 then
  local first = redis.call('ZRANGE', KEYS[5], '(0', now * 4096, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  if first[2] then oldest = tonumber(first[2]) / 4096 end
end
local ids, from = {}, '-inf'
local hasPausedTypes = redis.call('TYPE', KEYS[10]).ok == 'hash'
for _ = 1, 30 do
  local first = redis.call('ZRANGE', KEYS[3], from, '+inf', 'BYSCORE', 'LIMIT', 0, hasPausedTypes and 20 or 2, 'WITHSCORES')
  if #first == 0 then break end
  for i = 1, #first, 2 do ids[#ids + 1] = first[i] end
  local priority = math.floor((tonumber(first[2]) or 0) / 4294967296)
  if priority < 0 then priority = -1 elseif priority > 2097152 then break end
  from = (priority + 1) * 4294967296
end
for _, key in ipairs({KEYS[1], KEYS[2]}) do
  local id = redis.call('LINDEX', key, -1)
  if id then ids[#ids + 1] = id end
end
for _, id in ipairs(ids) do
  local job = redis.pcall('HMGET', ARGV[1] .. id, 'timestamp', 'processedOn', 'due', 'opts', 'name')
  local submitted = tonumber(job[1] or nil)
  local isPaused = hasPausedTypes and job[5] and redis.call('HEXISTS', KEYS[10], job[5]) == 1
  if submitted and submitted > 0 and not isPaused then
    local isJson, opts = pcall(cjson.decode, job[4] or '')
    local delay = isJson and type(opts) == 'table' and tonumber(opts['delay']) or 0
    local due = math.max(tonumber(job[3] or nil) or submitted + delay, tonumber(job[2] or nil) or 0)
    if due < oldest then oldest = due end
  end
end
return {waiting, redis.call('LLEN', KEYS[4]), redis.call('ZCARD', KEYS[5]) - overdue, redis.call('ZCARD', KEYS[6]),
  redis.call('ZCARD', KEYS[7]), tostring(now - oldest), redis.call('ZCARD', KEYS[8]),
  redis.call('ZCARD', KEYS[9])}
`;

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  /** They wait for other tasks to complete. */
  readonly blocked: number;
  readonly dead: number;
  readonly completed: number;
  /** Parked: their event type is paused. */
  readonly paused: number;
  /** How long the task that is due for longest has waited; 0 when none waits. */
  readonly oldestAgeMs: number;
}

/** Counts the tasks in one round trip. Delayed tasks that are due count as waiting. */
export async function readQueueCounts(redis: Redis, keyOf: KeyOf): Promise<QueueCounts> {
  const lists = [
    'wait',
    'paused',
    'prioritized',
    'active',
    'delayed',
    'failed',
    'completed',
    'waiting-children',
  ];
  const keys = [...lists, PARKED, PAUSED_TYPES].map(keyOf);
  const reply = await redis.eval(QUEUE_COUNTS, keys.length, ...keys, keyOf(''));
  const [waiting, active, delayed, dead, completed, ageMs, blocked, paused] = reply as [
    number,
    number,
    number,
    number,
    number,
    string,
    number,
    number,
  ]; // as in the script
  const oldestAgeMs = Math.max(0, Number(ageMs));
  return { waiting, active, delayed, blocked, dead, completed, paused, oldestAgeMs };
}

/**
 * KEYS: delayed, wait, meta, marker, the job. ARGV: its id, and '1' to tell idle workers by the marker.
 * The end of `wait` is what a worker takes next.
 */
const WAKE = `
local base = string.sub(KEYS[5], 1, -#ARGV[1] - 1)
${NOTE_EVENT}
if redis.call('HEXISTS', KEYS[3], 'paused') == 1 then return 'paused' end
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 'gone' end
redis.call('RPUSH', KEYS[2], ARGV[1])
if redis.call('TYPE', KEYS[5]).ok == 'hash' then redis.call('HSET', KEYS[5], 'delay', 0) end
noteEvent('waiting', ARGV[1], redis.pcall('HGET', KEYS[5], 'name'))
if ARGV[2] == '1' then redis.call('ZADD', KEYS[4], 0, '0') end
return 'woken'
`;

/** `gone`: the task is not delayed any more. `paused`: the queue is paused, and the task stays delayed. */
export type WakeResult = 'woken' | 'gone' | 'paused';

/** Makes a delayed task the next that a worker takes. `tellsIdle`: idle workers learn of it at once. */
export async function wakeDelayedTask(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
  tellsIdle: boolean,
): Promise<WakeResult> {
  const keys = ['delayed', 'wait', 'meta', 'marker', id].map(keyOf);
  return (await redis.eval(WAKE, keys.length, ...keys, id, tellsIdle ? '1' : '0')) as WakeResult; // as in the script
}

/** KEYS: meta, marker. */
const TELL_IDLE = `
if redis.call('HEXISTS', KEYS[1], 'paused') == 0 then redis.call('ZADD', KEYS[2], 0, '0') end
`;

/** Tells idle workers that a task waits. BullMQ does not when a worker puts a task back into `prioritized`. */
export async function tellIdleWorkers(redis: Redis, keyOf: KeyOf): Promise<void> {
  await redis.eval(TELL_IDLE, 2, keyOf('meta'), keyOf('marker'));
}

/**
 * KEYS: stalled, active, then the lock of each job. ARGV: the locks' duration in ms, then id and token of each job.
 * Unlike BullMQ's script it also works while Redis is out of memory: Redis allows PEXPIRE then, and a SET that follows
 * a first write of the same script.
 */
const RENEW_LOCKS = `
local lost, cancelled = {}, {}
for i = 3, #KEYS do
  local id, token = ARGV[2 * i - 4], ARGV[2 * i - 3]
  local holder = redis.call('TYPE', KEYS[i]).ok == 'string' and redis.call('GET', KEYS[i])
  if holder == token then
    redis.call('SREM', KEYS[1], id)
    redis.call('PEXPIRE', KEYS[i], ARGV[1])
  elseif not holder and redis.call('LPOS', KEYS[2], id) then
    redis.call('SREM', KEYS[1], id)
    redis.call('SET', KEYS[i], token, 'PX', ARGV[1])
  else
    lost[#lost + 1] = id
  end
  if redis.pcall('HEXISTS', string.sub(KEYS[i], 1, -#':lock' - 1), '${CANCEL_ASKED}') == 1 then
    cancelled[#cancelled + 1] = id
  end
end
return {lost, cancelled}
`;

export interface RenewedLocks {
  /** The ids of the jobs that another worker has, or that were removed. */
  readonly lost: readonly string[];
  /** Of those that somebody asked to cancel. */
  readonly cancelled: readonly string[];
}

/**
 * Renews the locks of jobs. A lock that ran out, because Redis was away or this process blocked, is set again while no
 * other worker has the job.
 */
export async function renewLocks(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
  tokens: readonly string[],
  durationMs: number,
): Promise<RenewedLocks> {
  const keys = [keyOf('stalled'), keyOf('active'), ...ids.map((id) => `${keyOf(id)}:lock`)];
  const owners = ids.flatMap((id, i) => [id, tokens[i] ?? '']);
  const reply = await redis.eval(RENEW_LOCKS, keys.length, ...keys, durationMs, ...owners);
  const [lost, cancelled] = reply as [string[], string[]]; // as in the script
  return { lost, cancelled };
}

/**
 * Where BullMQ's scripts get the caller's time: its index in their keys and arguments. The scripts of the producers are
 * not here, since they get the time from the orchestrator.
 */
export const TIMESTAMP_ARGUMENTS: Readonly<Record<string, number>> = {
  moveToActive: 12,
  moveToFinished: 15,
  moveToDelayed: 12,
  retryJob: 12,
  moveStalledJobsToWait: 11,
};

/** The scripts that may return the next job, and when the first delayed one is due. */
export const NEXT_JOB_SCRIPTS: ReadonlySet<string> = new Set([
  'moveToActive',
  'moveToFinished',
  'moveToDelayed',
]);

const REMOVED_AT_ONCE = 200;

/**
 * KEYS: completed or failed. ARGV: what all keys begin with, and for how many milliseconds a job is kept after its end.
 * The keys beside a job are those that BullMQ's removeJobKeys names.
 */
const REMOVE_ENDED = `
local time = redis.call('TIME')
local oldest = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[2]
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. oldest, 'LIMIT', 0, ${REMOVED_AT_ONCE})
for _, id in ipairs(ids) do
  local key = ARGV[1] .. id
  redis.call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed',
    key .. ':unsuccessful')
  redis.call('ZREM', KEYS[1], id)
end
return #ids
`;

/** Removes up to 200 jobs that ended before the time that they are kept. Returns whether there may be more. */
export async function removeEndedBefore(
  redis: Redis,
  keyOf: KeyOf,
  list: 'completed' | 'failed',
  keptMs: number,
): Promise<boolean> {
  const removed = await redis.eval(REMOVE_ENDED, 1, keyOf(list), keyOf(''), keptMs);
  return Number(removed) === REMOVED_AT_ONCE;
}
