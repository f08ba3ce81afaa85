import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { type JobFields, LISTED_FIELDS, type ListedJob, parseListed } from './bullmq-fields.ts';
import { UNREADABLE } from './bullmq-guard.ts';
import { BY_TIME, BY_TYPE, INDEX_COMPLETE } from './bullmq-index.ts';
import { isList, type KeyOf, LISTS } from './bullmq-schema.ts';
import { STATUS_OF } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/*
 * Finds the places of tasks in a listing. A place is what the tasks of a status are ordered by, and the id. No script
 * looks at more than a few thousand jobs, so that Redis does nothing else for 2 or 3 ms at most.
 */

/** Which field of the job the tasks of a status are ordered by. The others are in sets, in the order of their scores. */
const ORDER_FIELD: Partial<Readonly<Record<TaskStatus, string>>> = {
  active: 'processedOn',
  queued: 'timestamp',
};

/** Where a task stands among those with its status: higher orders come first, then higher ids. */
export interface Place {
  readonly order: number;
  readonly id: string;
}

/** What a script found. `next`: where the next call goes on; undefined at the end. */
export interface Found<Next> {
  readonly places: readonly Place[];
  readonly next: Next | undefined;
}

/** A damaged score or field may be any text. A walk goes on below the order, so it must not be above the score. */
function orderOf(text = ''): number {
  const order = Math.floor(Number(text.replace('inf', 'Infinity'))) || 0;
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(order, Number.MAX_SAFE_INTEGER));
}

function readFound<Next>(reply: unknown, readNext: (next: string) => Next): Found<Next> {
  const [next, flat] = reply as [string | null, string[]]; // what each script returns
  const places: Place[] = [];
  for (let i = 0; i < flat.length; i += 2) places.push({ order: orderOf(flat[i]), id: flat[i + 1] ?? '' });
  return { places, next: next === null ? undefined : readNext(next) };
}

export interface Sizes {
  /** How many tasks have the status. */
  readonly listed: number;
  /** How many members of the index can be such tasks; undefined while the index lacks tasks. */
  readonly indexed: number | undefined;
}

/** Counts where tasks with a status, of one event type or of all, can be found. */
export async function readSizes(
  redis: Redis,
  keyOf: KeyOf,
  status: TaskStatus,
  eventType: string | undefined,
): Promise<Sizes> {
  const pipeline = redis.pipeline();
  pipeline.exists(keyOf(INDEX_COMPLETE));
  if (eventType === undefined) pipeline.zcard(keyOf(BY_TIME));
  else pipeline.zlexcount(keyOf(BY_TYPE), `[${eventType}:`, `(${eventType};`);
  for (const list of LISTS[status]) {
    if (isList(list)) pipeline.llen(keyOf(list));
    else pipeline.zcard(keyOf(list));
  }
  const replies = (await pipeline.exec()) ?? [];
  const [isComplete = 0, indexed = 0, ...sizes] = replies.map(([error, reply]) => {
    if (error) throw error;
    return reply as number; // every one of these commands counts
  });
  return { indexed: isComplete ? indexed : undefined, listed: sizes.reduce((sum, size) => sum + size, 0) };
}

/**
 * KEYS: the sorted set. ARGV: what all keys begin with, event type or '', score and id of the last place or '', how many
 * to find, how many to look at. `comesBefore` compares bytes, as Redis does; Lua's own operator knows languages.
 */
const WALK_SET = createScript(`
local function comesBefore(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return #a < #b
end
local score, last = ARGV[3], ARGV[4]
local rank = score == '' and 0 or redis.call('ZCOUNT', KEYS[1], '(' .. score, '+inf')
local found, steps = {}, tonumber(ARGV[6])
while steps > 0 do
  local page = redis.call('ZREVRANGE', KEYS[1], rank, rank + 99, 'WITHSCORES')
  if #page == 0 then return {false, found} end
  for i = 1, #page, 2 do
    if page[i + 1] == '-inf' then page[i + 1] = '${-Number.MAX_SAFE_INTEGER}' end
    if page[i + 1] ~= score or comesBefore(page[i], last) then
      if ARGV[2] == '' or redis.pcall('HGET', ARGV[1] .. page[i], 'name') == ARGV[2] then
        found[#found + 1] = page[i + 1]
        found[#found + 1] = page[i]
      end
      if #found == ARGV[5] * 2 then return {page[i + 1] .. ':' .. page[i], found} end
    end
  end
  score, last = page[#page], page[#page - 1]
  rank = rank + #page / 2
  steps = steps - #page / 2
end
return {score .. ':' .. last, found}
`);

export interface WalkOptions {
  readonly status: TaskStatus;
  readonly eventType: string | undefined;
  /** The place after which to begin; undefined: the first. */
  readonly after: Place | undefined;
  readonly limit: number;
  /** How many tasks to look at. */
  readonly steps: number;
}

function parsePlace(text: string): Place {
  const at = text.indexOf(':');
  return { order: orderOf(text.slice(0, at)), id: text.slice(at + 1) };
}

/** Walks a status that has one sorted set, in its order. `next` is the place that it looked at last. */
export async function walkSet(
  redis: Redis,
  keyOf: KeyOf,
  { status, eventType = '', after, limit, steps }: WalkOptions,
): Promise<Found<Place>> {
  const args = [keyOf(''), eventType, after?.order ?? '', after?.id ?? '', limit, steps];
  return readFound(await WALK_SET(redis, [keyOf(LISTS[status][0] ?? '')], args), parsePlace);
}

/**
 * KEYS: the index. ARGV: what all keys begin with, what its members begin with, the status or its sorted set, the last
 * member or '', how many to find, how many to look at. A member whose task was removed, or replaced by another with the
 * same id, does not count.
 */
const WALK_INDEX = createScript(`${STATUS_OF}
local base, prefix, set, last = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local from = last ~= '' and '(' .. last or prefix ~= '' and '(' .. string.sub(prefix, 1, -2) .. ';' or '+'
local to = prefix ~= '' and '[' .. prefix or '-'
local found, steps = {}, tonumber(ARGV[6])
while steps > 0 do
  local page = redis.call('ZREVRANGEBYLEX', KEYS[1], from, to, 'LIMIT', 0, 100)
  if #page == 0 then return {false, found} end
  for _, member in ipairs(page) do
    local created, id = string.sub(member, #prefix + 1, #prefix + 13), string.sub(member, #prefix + 15)
    local order
    if set == 'queued' then order = statusOf(base, id) == set and created else order = redis.call('ZSCORE', base .. set, id) end
    local timestamp = order and redis.pcall('HGET', base .. id, 'timestamp')
    if type(timestamp) == 'string' and tonumber(timestamp) == tonumber(created) then
      found[#found + 1] = order
      found[#found + 1] = id
      if #found == ARGV[5] * 2 then return {member, found} end
    end
  end
  from = '(' .. page[#page]
  steps = steps - #page
end
return {string.sub(from, 2), found}
`);

/**
 * Walks the index, newest first, for tasks with a status. `after` and `next` are places in the order of submission, that
 * of queued tasks. The order of the places that it finds is that of the status.
 */
export async function walkIndex(
  redis: Redis,
  keyOf: KeyOf,
  { status, eventType, after, limit, steps }: WalkOptions,
): Promise<Found<Place>> {
  const [key, prefix] = eventType === undefined ? [BY_TIME, ''] : [BY_TYPE, `${eventType}:`];
  const set = status === 'queued' ? status : (LISTS[status][0] ?? '');
  const last = after === undefined ? '' : `${prefix}${String(after.order).padStart(13, '0')}:${after.id}`;
  const reply = await WALK_INDEX(redis, [keyOf(key)], [keyOf(''), prefix, set, last, limit, steps]);
  return readFound(reply, (member) => parsePlace(member.slice(prefix.length)));
}

/**
 * KEYS: the list or sorted set. ARGV: what all keys begin with, its type in Redis, the field of the order, event type or
 * '', where it begins, how many to look at. New jobs come to the beginning of a list, and from its end BullMQ takes
 * them; a sorted set begins with the next. So jobs that stay where they are can be seen twice, but never missed.
 */
const SCAN = createScript(`
local from, count = ARGV[5], tonumber(ARGV[6])
local ids, ends
if ARGV[2] == 'list' then
  ids = redis.call('LRANGE', KEYS[1], from, from + count - 1)
  ends = tostring(from + count)
else
  local page = redis.call('ZRANGE', KEYS[1], from == '0' and '-inf' or from, '+inf', 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES')
  ids, ends = {}, page[#page]
  for i = 1, #page, 2 do ids[#ids + 1] = page[i] end
  if ends == from then ends = '(' .. from end
end
local found = {}
for _, id in ipairs(ids) do
  local job = redis.pcall('HMGET', ARGV[1] .. id, 'name', ARGV[3])
  if ARGV[4] == '' or job[1] == ARGV[4] then
    found[#found + 1] = job[2] or '0'
    found[#found + 1] = id
  end
end
return {#ids == count and ends or false, found}
`);

/** Where a scan of the lists of a status goes on. */
export interface ScanPosition {
  readonly list: number;
  readonly from: string;
}

/** Looks through all lists of a status, in no order. Begin with `{ list: 0, from: '0' }`. */
export async function scanLists(
  redis: Redis,
  keyOf: KeyOf,
  { status, eventType = '', steps }: Pick<WalkOptions, 'status' | 'eventType' | 'steps'>,
  { list, from }: ScanPosition,
): Promise<Found<ScanPosition>> {
  const names = LISTS[status];
  const name = names[list] ?? '';
  const args = [keyOf(''), isList(name) ? 'list' : 'zset', ORDER_FIELD[status] ?? '', eventType, from, steps];
  const found = readFound(await SCAN(redis, [keyOf(name)], args), (next) => ({ list, from: next }));
  return found.next !== undefined || list + 1 === names.length
    ? found
    : { places: found.places, next: { list: list + 1, from: '0' } };
}

/** KEYS: one that is there for Redis Cluster alone. ARGV: what all keys begin with, the status, ids. */
const READ_LISTED = createScript(`${STATUS_OF}
local tasks = {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local kind = statusOf(ARGV[1], id) == ARGV[2] and redis.call('TYPE', ARGV[1] .. id).ok
  tasks[i - 2] = kind == 'hash'
    and redis.call('HMGET', ARGV[1] .. id, ${LISTED_FIELDS.map((field) => `'${field}'`).join(', ')})
    or kind and kind ~= 'none' and {} or false
end
return tasks
`);

const NOT_A_HASH: JobFields = { failedReason: `${UNREADABLE}the task: expected a hash; got another type` };

/** Reads what a list shows of each task; undefined for one that was removed, or has another status now. */
export async function readListed(
  redis: Redis,
  keyOf: KeyOf,
  status: TaskStatus,
  ids: readonly string[],
): Promise<(ListedJob | undefined)[]> {
  const replies = await READ_LISTED(redis, [keyOf('meta')], [keyOf(''), status, ...ids]);
  return (replies as ((string | null)[] | null)[]).map((values, i) => {
    // as in the script
    if (values === null) return undefined;
    const fields = Object.fromEntries(LISTED_FIELDS.map((field, at) => [field, values[at]]));
    return parseListed(ids[i] ?? '', values.length === 0 ? NOT_A_HASH : fields);
  });
}
