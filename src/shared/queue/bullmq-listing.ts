import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { type JobFields, LISTED_FIELDS, type ListedJob, parseListed } from './bullmq-fields.ts';
import { filterArguments, type JobFilter, MATCHES } from './bullmq-filter.ts';
import { UNREADABLE } from './bullmq-guard.ts';
import { BY_TIME, BY_TYPE, INDEX_COMPLETE } from './bullmq-index.ts';
import { type KeyOf, kindOf, LISTS } from './bullmq-schema.ts';
import { STATUS_OF } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/*
 * Finds the places of tasks in a listing. A place is what the tasks of a status are ordered by, and the id. No script
 * looks at more than a few thousand jobs, so that Redis does nothing else for 2 or 3 ms at most.
 */

/** Which field of the job the tasks of a status are ordered by. The others are in sets, in the order of their scores. */
export const ORDER_FIELD: Partial<Readonly<Record<TaskStatus, string>>> = {
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
  /** How many tasks it has looked at. */
  readonly lookedAt: number;
}

/** A damaged score or field may be any text. A walk goes on below the order, so it must not be above the score. */
function orderOf(text = ''): number {
  const order = Math.floor(Number(text.replace('inf', 'Infinity'))) || 0;
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(order, Number.MAX_SAFE_INTEGER));
}

/** Reads what a script returns: where to go on, orders and ids in turn, and how many it looked at. */
export function readFound<Next>(reply: unknown, readNext: (next: string) => Next): Found<Next> {
  const [next, flat, lookedAt] = reply as [string | null, string[], number]; // what each script returns
  const places: Place[] = [];
  for (let i = 0; i < flat.length; i += 2) places.push({ order: orderOf(flat[i]), id: flat[i + 1] ?? '' });
  return { places, next: next === null ? undefined : readNext(next), lookedAt };
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
    if (kindOf(list) === 'list') pipeline.llen(keyOf(list));
    else pipeline.zcard(keyOf(list));
  }
  const replies = (await pipeline.exec()) ?? [];
  const [isComplete = 0, indexed = 0, ...sizes] = replies.map(([error, reply]) => {
    if (error) throw error;
    return reply as number; // every one of these commands counts
  });
  return { indexed: isComplete ? indexed : undefined, listed: sizes.reduce((sum, size) => sum + size, 0) };
}

export interface WalkOptions extends JobFilter {
  readonly status: TaskStatus;
  /** The place after which to begin; undefined: the first. */
  readonly after: Place | undefined;
  readonly limit: number;
  /** How many tasks to look at. */
  readonly steps: number;
}

/** Whether tasks with this status have ended. */
export function hasEnded(status: TaskStatus): boolean {
  return status === 'dead' || status === 'completed';
}

export function parsePlace(text: string): Place {
  const at = text.indexOf(':');
  return { order: orderOf(text.slice(0, at)), id: text.slice(at + 1) };
}

/**
 * KEYS: the index. ARGV: those of the filter, what its members begin with, the status or its sorted set, the last member
 * or '', how many to find, how many to look at. A member whose task was removed, or replaced by another with the same id,
 * does not count.
 */
const WALK_INDEX = createScript(`${STATUS_OF}${MATCHES}
local prefix, set, last = ARGV[9], ARGV[10], ARGV[11]
local from = last ~= '' and '(' .. last or prefix ~= '' and '(' .. string.sub(prefix, 1, -2) .. ';' or '+'
local to = prefix .. (createdAfter and string.format('%013.0f:', createdAfter) or '')
to = to ~= '' and '[' .. to or '-'
local found, steps, looked = {}, tonumber(ARGV[13]), 0
while steps > 0 do
  local page = redis.call('ZREVRANGEBYLEX', KEYS[1], from, to, 'LIMIT', 0, 100)
  if #page == 0 then return {false, found, looked} end
  for _, member in ipairs(page) do
    local created, id = string.sub(member, #prefix + 1, #prefix + 13), string.sub(member, #prefix + 15)
    local order
    looked = looked + 1
    if not matches(id) then order = false
    elseif set == 'queued' then order = statusOf(base, id) == set and created
    else order = redis.call('ZSCORE', base .. set, id) end
    local timestamp = order and redis.pcall('HGET', base .. id, 'timestamp')
    if type(timestamp) == 'string' and tonumber(timestamp) == tonumber(created) then
      found[#found + 1] = order
      found[#found + 1] = id
      if #found == ARGV[12] * 2 then return {member, found, looked} end
    end
  end
  from = '(' .. page[#page]
  steps = steps - #page
end
return {string.sub(from, 2), found, looked}
`);

/**
 * Walks the index, newest first, for tasks with a status. `after` and `next` are places in the order of submission, that
 * of queued tasks. The order of the places that it finds is that of the status.
 */
export async function walkIndex(redis: Redis, keyOf: KeyOf, options: WalkOptions): Promise<Found<Place>> {
  const { status, eventType, createdBeforeMs, limit, steps } = options;
  const [key, prefix] = eventType === undefined ? [BY_TIME, ''] : [BY_TYPE, `${eventType}:`];
  const set = status === 'queued' ? status : (LISTS[status][0] ?? '');
  const { after = createdBeforeMs === undefined ? undefined : { order: createdBeforeMs, id: '' } } = options;
  const last = after === undefined ? '' : `${prefix}${String(after.order).padStart(13, '0')}:${after.id}`;
  const args = [
    ...filterArguments(keyOf, { ...options, eventType: undefined }),
    prefix,
    set,
    last,
    limit,
    steps,
  ];
  const reply = await WALK_INDEX(redis, [keyOf(key)], args);
  return readFound(reply, (member) => parsePlace(member.slice(prefix.length)));
}

/**
 * KEYS: the list or sorted set. ARGV: those of the filter, its kind, the field of the order, where it begins, how
 * many to look at. New jobs come to the beginning of a list, and from its end BullMQ takes them; a sorted set begins with
 * the next. So jobs that stay where they are can be seen twice, but never missed.
 */
const SCAN = createScript(`${MATCHES}
local from, count = ARGV[11], tonumber(ARGV[12])
local ids, ends
if ARGV[9] == 'list' then
  ids = redis.call('LRANGE', KEYS[1], from, from + count - 1)
  ends = tostring(from + count)
elseif ARGV[9] == 'members' then
  ids = redis.call('ZRANGEBYLEX', KEYS[1], from == '0' and '-' or '(' .. from, '+', 'LIMIT', 0, count)
  ends = ids[#ids]
  for i, member in ipairs(ids) do ids[i] = string.match(member, '^[^:]*:[^:]*:(.*)$') or member end
else
  local page = redis.call('ZRANGE', KEYS[1], from == '0' and '-inf' or from, '+inf', 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES')
  ids, ends = {}, page[#page]
  for i = 1, #page, 2 do ids[#ids + 1] = page[i] end
  if ends == from then ends = '(' .. from end
end
local found = {}
for _, id in ipairs(ids) do
  if matches(id) then
    local order = redis.pcall('HGET', base .. id, ARGV[10])
    found[#found + 1] = type(order) == 'string' and order or '0'
    found[#found + 1] = id
  end
end
return {#ids == count and ends or false, found, #ids}
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
  { status, steps, ...filter }: Pick<WalkOptions, 'status' | 'steps'> & JobFilter,
  { list, from }: ScanPosition,
): Promise<Found<ScanPosition>> {
  const names = LISTS[status];
  const name = names[list] ?? '';
  const args = [...filterArguments(keyOf, filter), kindOf(name), ORDER_FIELD[status] ?? '', from, steps];
  const found = readFound(await SCAN(redis, [keyOf(name)], args), (next) => ({ list, from: next }));
  return found.next !== undefined || list + 1 === names.length
    ? found
    : { ...found, next: { list: list + 1, from: '0' } };
}

/** KEYS: the sorted set or a list of the status. ARGV: those of the filter, the status, ids. */
const PICK = createScript(`${STATUS_OF}${MATCHES}
local found = {}
for i = 10, #ARGV do
  local id = ARGV[i]
  if redis.call('EXISTS', base .. id) == 1 and matches(id) and statusOf(base, id) == ARGV[9] then
    local score = redis.pcall('ZSCORE', KEYS[1], id)
    found[#found + 1] = type(score) == 'string' and score or '0'
    found[#found + 1] = id
  end
end
return {false, found, #ARGV - 9}
`);

/** Finds out which of some tasks have a status and match a filter, in the order of `ids`. It never has a `next`. */
export async function pickIds(
  redis: Redis,
  keyOf: KeyOf,
  { status, ids, ...filter }: JobFilter & { readonly status: TaskStatus; readonly ids: readonly string[] },
): Promise<Found<Place>> {
  const reply = await PICK(
    redis,
    [keyOf(LISTS[status][0] ?? '')],
    [...filterArguments(keyOf, filter), status, ...ids],
  );
  return readFound(reply, parsePlace);
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

/** KEYS: one that is there for Redis Cluster alone. ARGV: what all keys begin with, ids. */
const READ_RUN_TIMES = createScript(`
local times = {}
for i = 2, #ARGV do
  local fields = redis.pcall('HMGET', ARGV[1] .. ARGV[i], 'processedOn', 'finishedOn')
  local started, ended = tonumber(fields[1] or nil), tonumber(fields[2] or nil)
  times[i - 1] = started and ended and string.format('%.0f', ended - started) or false
end
return times
`);

/** Reads how long the last attempts of ended tasks ran, in milliseconds; null: that is not known. Up to 1,000 at once. */
export async function readRunTimes(
  redis: Redis,
  keyOf: KeyOf,
  ids: readonly string[],
): Promise<(number | null)[]> {
  const reply = await READ_RUN_TIMES(redis, [keyOf('meta')], [keyOf(''), ...ids]);
  const times = reply as (string | null)[]; // as in the script
  return times.map((time) => (time === null ? null : Number(time) || 0));
}
