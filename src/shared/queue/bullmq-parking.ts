import type { Redis } from 'ioredis';
import { UNHANDLED_SINCE } from './bullmq-fields.ts';
import { BY_TYPE } from './bullmq-index.ts';
import { type KeyOf, PARKED, PAUSED_TYPES } from './bullmq-schema.ts';
import { MEMBER, UNHANDLED } from './bullmq-unhandled.ts';
import { createScript } from './script.ts';

/*
 * A paused event type: no worker takes its tasks. A task that would be taken is parked instead: it leaves BullMQ's lists for
 * the sorted set `parked`, whose members are `<event type>:<created>:<id>` with the score 0, as those of the index. So the
 * tasks of one type lie in the order of their submission, and no worker looks at a task twice. A parked task is queued.
 */

/** A metric has a series for each paused type, and each look at the queue reads them all. */
export const MOST_PAUSED_TYPES = 100;

/** How many tasks one script parks or brings back. Redis does nothing else for 2 or 3 ms. */
export const PARKED_AT_ONCE = 200;

/**
 * Lua for the guard of BullMQ's scripts. `park` returns whether it parked the task; it needs the local `base`. A task that
 * ends without its handler is not parked: `defa` and `cancel` say so. One that waits for a handler does so anew after
 * the pause. A key of a wrong type counts as absent: workers put it aside.
 */
export const PARK = `${MEMBER}
local hasPausedTypes
local parkedCount = 0
local function park(id)
  if hasPausedTypes == nil then hasPausedTypes = redis.call('EXISTS', base .. '${PAUSED_TYPES}') == 1 end
  if not hasPausedTypes then return false end
  local job = redis.call('HMGET', base .. id, 'name', 'timestamp', 'defa', 'cancel', '${UNHANDLED_SINCE}')
  if not job[1] or job[3] or job[4] then return false end
  if redis.pcall('HEXISTS', base .. '${PAUSED_TYPES}', job[1]) ~= 1 then return false end
  local member = memberOf(job[1], job[2], id)
  if type(redis.pcall('ZADD', base .. '${PARKED}', 0, member)) == 'table' then return false end
  if job[5] then
    redis.call('HDEL', base .. id, '${UNHANDLED_SINCE}')
    redis.call('ZREM', base .. '${UNHANDLED}', member)
  end
  parkedCount = parkedCount + 1
  return true
end
`;

/** Lua: takes a task out of `parked`. It needs the local `base`. */
export const UNPARK = `${MEMBER}
local function unpark(id)
  local job = redis.pcall('HMGET', base .. id, 'name', 'timestamp')
  return job[1] and redis.call('ZREM', base .. '${PARKED}', memberOf(job[1], job[2], id)) == 1
end
`;

/** KEYS: paused types. ARGV: event type, name of who asks. Returns since when and by whom it is paused; false: too many are. */
const PAUSE = createScript(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  if redis.call('HLEN', KEYS[1]) >= ${MOST_PAUSED_TYPES} then return false end
  local time = redis.call('TIME')
  local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  redis.call('HSET', KEYS[1], ARGV[1], now .. ':' .. ARGV[2])
end
return redis.call('HGET', KEYS[1], ARGV[1])
`);

/** Since when an event type is paused, in Unix milliseconds by Redis's clock, and who did it. */
export interface TypePause {
  readonly sinceMs: number;
  /** The name of a token. */
  readonly by: string;
}

/** Anything may be in Redis. */
function parsePause(text: string): TypePause {
  const at = text.indexOf(':');
  return { sinceMs: Math.trunc(Number(text.slice(0, Math.max(0, at)))) || 0, by: text.slice(at + 1) };
}

/**
 * Pauses an event type: from now on no worker takes its tasks. One that is paused stays paused by whom it was. Returns
 * undefined when too many types are paused.
 */
export async function pauseType(
  redis: Redis,
  keyOf: KeyOf,
  eventType: string,
  by: string,
): Promise<TypePause | undefined> {
  const reply = await PAUSE(redis, [keyOf(PAUSED_TYPES)], [eventType, by]);
  return reply === null ? undefined : parsePause(String(reply));
}

/** Ends the pause of an event type. `bringBackParked` queues its tasks. Returns whether it was paused. */
export async function resumeType(redis: Redis, keyOf: KeyOf, eventType: string): Promise<boolean> {
  return (await redis.hdel(keyOf(PAUSED_TYPES), eventType)) === 1;
}

/**
 * KEYS: by-type, prioritized, parked, paused types. ARGV: what all keys begin with, event type, the last member or ''.
 * Returns where to go on; false at the end.
 */
const PARK_WAITING = createScript(`${MEMBER}
local base, name = ARGV[1], ARGV[2]
if redis.call('HEXISTS', KEYS[4], name) == 0 then return false end
local from = ARGV[3] == '' and '[' .. name .. ':' or '(' .. ARGV[3]
local members = redis.call('ZRANGEBYLEX', KEYS[1], from, '(' .. name .. ';', 'LIMIT', 0, ${PARKED_AT_ONCE})
for _, member in ipairs(members) do
  local id = string.match(member, '^[^:]*:[^:]*:(.*)$')
  local score = id and redis.call('ZSCORE', KEYS[2], id)
  local job = score and redis.pcall('HMGET', base .. id, 'name', 'timestamp', 'defa', 'cancel', '${UNHANDLED_SINCE}')
  if score and job[1] == name and not job[3] and not job[4] and not job[5] then
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZADD', KEYS[3], 0, memberOf(name, job[2], id))
  end
end
return #members == ${PARKED_AT_ONCE} and members[#members] or false
`);

/**
 * Parks tasks of a paused type that wait, so that no worker has to pass them, and counts tell the truth. Returns where to go
 * on; undefined at the end. Workers park the tasks that it misses.
 */
export async function parkWaiting(
  redis: Redis,
  keyOf: KeyOf,
  eventType: string,
  after = '',
): Promise<string | undefined> {
  const keys = [BY_TYPE, 'prioritized', PARKED, PAUSED_TYPES].map(keyOf);
  const reply = await PARK_WAITING(redis, keys, [keyOf(''), eventType, after]);
  return reply === null ? undefined : String(reply);
}

/**
 * KEYS: parked, paused types, prioritized, wait, pc, marker, meta. ARGV: what all keys begin with. Finds the parked types by
 * their first members. A task goes to the end of its priority, and is due now: it waited for no worker before.
 */
const BRING_BACK = createScript(`
local base, found, left, from = ARGV[1], 0, ${PARKED_AT_ONCE}, '-'
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local function bringBack(member)
  local id = string.match(member, '^[^:]*:[^:]*:(.*)$')
  redis.call('ZREM', KEYS[1], member)
  if not id or redis.call('TYPE', base .. id).ok ~= 'hash' then return end
  local priority = tonumber(redis.call('HGET', base .. id, 'priority') or nil) or 0
  redis.call('HSET', base .. id, 'due', now)
  if priority <= 0 then redis.call('LPUSH', KEYS[4], id)
  else redis.call('ZADD', KEYS[3], priority * 4294967296 + redis.call('INCR', KEYS[5]) % 4294967296, id) end
end
for _ = 1, ${2 * MOST_PAUSED_TYPES} do
  local first = left > 0 and redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, 1)[1]
  if not first then break end
  local name = string.match(first, '^[^:]*')
  from = '[' .. name .. ';'
  if redis.call('HEXISTS', KEYS[2], name) == 0 then
    local members = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. name .. ':', '(' .. name .. ';', 'LIMIT', 0, left)
    if #members == 0 then members = {first} end
    for _, member in ipairs(members) do bringBack(member) end
    left = left - #members
    found = found + #members
  end
end
if found > 0 and redis.call('HEXISTS', KEYS[7], 'paused') == 0 then redis.call('ZADD', KEYS[6], 0, '0') end
return found
`);

/** Queues up to 200 of them, the oldest first. Returns how many it found. */
async function bringBackParked(redis: Redis, keyOf: KeyOf): Promise<number> {
  const keys = [PARKED, PAUSED_TYPES, 'prioritized', 'wait', 'pc', 'marker', 'meta'].map(keyOf);
  return Number(await BRING_BACK(redis, keys, [keyOf('')]));
}

/**
 * Queues all parked tasks whose event type is not paused any more, in slices. Returns whether some may be left: the
 * deadline, by `performance.now()`, came first.
 */
export async function bringBackAllParked(redis: Redis, keyOf: KeyOf, deadline: number): Promise<boolean> {
  while ((await bringBackParked(redis, keyOf)) > 0) if (performance.now() > deadline) return true;
  return false;
}

/** KEYS: paused types, parked. Returns type, pause and number of parked tasks of each paused type. */
const READ_PAUSED = createScript(`
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return {} end
local flat, reply = redis.call('HGETALL', KEYS[1]), {}
for i = 1, math.min(#flat, ${2 * MOST_PAUSED_TYPES}), 2 do
  local parked = redis.pcall('ZLEXCOUNT', KEYS[2], '[' .. flat[i] .. ':', '(' .. flat[i] .. ';')
  reply[#reply + 1] = flat[i]
  reply[#reply + 1] = flat[i + 1]
  reply[#reply + 1] = type(parked) == 'number' and parked or 0
end
return reply
`);

export interface PausedType extends TypePause {
  readonly eventType: string;
  /** Parked tasks: those that wait for the resume. */
  readonly tasks: number;
}

/** Returns the paused event types, by name. */
export async function readPausedTypes(redis: Redis, keyOf: KeyOf): Promise<readonly PausedType[]> {
  const flat = (await READ_PAUSED(redis, [PAUSED_TYPES, PARKED].map(keyOf), [])) as (string | number)[]; // as in the script
  const types: PausedType[] = [];
  for (let i = 0; i < flat.length; i += 3)
    types.push({
      eventType: String(flat[i]),
      ...parsePause(String(flat[i + 1])),
      tasks: Number(flat[i + 2]),
    });
  return types.sort((a, b) => (a.eventType < b.eventType ? -1 : 1));
}
