import type { TaskStatus } from '../http-contract/tasks.ts';
import type { KeyOf, QueueRedis } from './bullmq-schema.ts';
import { STATUS_OF } from './bullmq-tasks.ts';
import { createScript } from './script.ts';

/*
 * Schedules in Redis. `asdlc:schedules` is a sorted set of their ids by the time when each is due next: infinity for one
 * that is paused, or never due again. A hash has the rest of each. All times are Unix milliseconds by Redis's clock.
 *
 * bullmq-due-schedules.ts queues their tasks.
 */

const DUE = 'asdlc:schedules';
const ONE = 'asdlc:schedule:';

/** The fields of a schedule's hash. */
export interface ScheduleFields {
  /** JSON: see `Definition`. */
  readonly definition?: string | undefined;
  /** Changes with definition and payload. */
  readonly revision?: string | undefined;
  readonly source?: string | undefined;
  readonly paused?: string | undefined;
  readonly runs?: string | undefined;
  readonly missed?: string | undefined;
  readonly created?: string | undefined;
  readonly updated?: string | undefined;
  readonly last_task?: string | undefined;
  readonly last_due?: string | undefined;
  readonly last_queued?: string | undefined;
  /** Since when no live worker declares it. */
  readonly undeclared?: string | undefined;
  /** The tasks' data up to the due time: JSON without its last brace. */
  readonly data?: string | undefined;
}

const FIELDS = [
  'definition',
  'revision',
  'source',
  'paused',
  'runs',
  'missed',
  'created',
  'updated',
  'last_task',
  'last_due',
  'last_queued',
  'undeclared',
] as const;

export interface StoredSchedule {
  readonly id: string;
  /** When it is due next; undefined: it is paused, or never due again. */
  readonly dueMs: number | undefined;
  readonly fields: ScheduleFields;
  /** Of the last task that it made; undefined: that was removed. */
  readonly lastStatus: TaskStatus | undefined;
}

/** Lua: Redis's time. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** A Lua function: the hash of a schedule. What has another type counts as not there. */
export const READ_FIELDS = `
local function fieldsOf(id, ...)
  local read = redis.pcall('HMGET', KEYS[2] .. id, ...)
  return read.err and {} or read
end
`;

/** The keys of all scripts of schedules: the sorted set, and what the hashes' keys begin with. */
export const keysOf = (keyOf: KeyOf) => [keyOf(DUE), keyOf(ONE)];

/**
 * KEYS: schedules, what the hashes' keys begin with. ARGV: id, source, revision, definition, timing, data, next due time,
 * how many schedules there may be. A schedule whose timing stays keeps its next due time, if it has one. What is stored is
 * compared whole: it may be damaged under its revision.
 */
const PUT = createScript(`${NOW}${READ_FIELDS}
local id, source = ARGV[1], ARGV[2]
local old = fieldsOf(id, 'source', 'revision', 'timing', 'paused', 'definition', 'data')
local due = redis.call('ZSCORE', KEYS[1], id)
local isDue = due and (old[4] or due ~= 'inf')
if old[1] and old[1] ~= source then return 'foreign' end
if not due and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[8]) then return 'full' end
local schedule = KEYS[2] .. id
if isDue and old[2] == ARGV[3] and old[5] == ARGV[4] and old[3] == ARGV[5] and old[6] == ARGV[6] then
  redis.call('HDEL', schedule, 'undeclared')
  return 'same'
end
if redis.call('TYPE', schedule).ok ~= 'hash' then redis.call('DEL', schedule) end
local nowText = string.format('%d', now)
redis.call('HSET', schedule, 'source', source, 'revision', ARGV[3], 'definition', ARGV[4], 'timing', ARGV[5],
  'data', ARGV[6], 'updated', nowText)
redis.call('HSETNX', schedule, 'created', nowText)
redis.call('HDEL', schedule, 'undeclared')
if old[4] then redis.call('ZADD', KEYS[1], '+inf', id)
elseif not isDue or old[3] ~= ARGV[5] then redis.call('ZADD', KEYS[1], ARGV[7], id) end
return old[1] and 'replaced' or 'created'
`);

/** `foreign`: another source made it, and it stays as it is. `full`: there are as many as there may be. */
export type PutResult = 'created' | 'replaced' | 'same' | 'foreign' | 'full';

export interface NewSchedule {
  readonly id: string;
  readonly source: 'api' | 'handlers';
  readonly revision: string;
  readonly definition: string;
  readonly timing: string;
  readonly data: string;
  readonly nextMs: number;
}

export async function putSchedule(
  { redis, keyOf }: QueueRedis,
  { id, source, revision, definition, timing, data, nextMs }: NewSchedule,
  most: number,
): Promise<PutResult> {
  const args = [id, source, revision, definition, timing, data, nextMs, most];
  return (await PUT(redis, keysOf(keyOf), args)) as PutResult; // as in the script
}

/** KEYS: schedules, what the hashes' keys begin with. ARGV: id, '1' to pause, the revision as read, next due time. */
const PAUSE = createScript(`${READ_FIELDS}
local id = ARGV[1]
local schedule = KEYS[2] .. id
local read = fieldsOf(id, 'revision', 'paused')
if not redis.call('ZSCORE', KEYS[1], id) then return 'gone' end
if ARGV[2] == '1' then
  if redis.call('TYPE', schedule).ok == 'hash' then redis.call('HSET', schedule, 'paused', '1') end
  redis.call('ZADD', KEYS[1], '+inf', id)
elseif read[1] ~= ARGV[3] then return 'changed'
elseif read[2] then
  redis.call('HDEL', schedule, 'paused')
  redis.call('ZADD', KEYS[1], ARGV[4], id)
end
return 'done'
`);

/** Pauses a schedule, or lets it go on with the given due time. `changed`: read it again. */
export async function setSchedulePaused(
  { redis, keyOf }: QueueRedis,
  { id, fields }: StoredSchedule,
  next: { readonly isPaused: true } | { readonly isPaused: false; readonly nextMs: number | undefined },
): Promise<'done' | 'gone' | 'changed'> {
  const due = next.isPaused ? '' : (next.nextMs ?? '+inf');
  const args = [id, next.isPaused ? '1' : '0', fields.revision ?? '', due];
  return (await PAUSE(redis, keysOf(keyOf), args)) as 'done' | 'gone' | 'changed'; // as in the script
}

/** KEYS: as above. ARGV: id. */
const REMOVE = createScript(`
redis.call('DEL', KEYS[2] .. ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
`);

/** Removes a schedule; its tasks stay. Returns whether there was one. */
export async function removeSchedule({ redis, keyOf }: QueueRedis, id: string): Promise<boolean> {
  return Number(await REMOVE(redis, keysOf(keyOf), [id])) === 1;
}

/** KEYS: as above. ARGV: id. */
const UNDECLARED = createScript(`${NOW}${READ_FIELDS}
local since = fieldsOf(ARGV[1], 'undeclared')[1]
if not since then
  since = string.format('%d', now)
  redis.call('HSET', KEYS[2] .. ARGV[1], 'undeclared', since)
end
return now - since
`);

/** Notes that no live worker declares a schedule. Returns for how many milliseconds that has been so. */
export async function noteUndeclared({ redis, keyOf }: QueueRedis, id: string): Promise<number> {
  return Number(await UNDECLARED(redis, keysOf(keyOf), [id]));
}

/** KEYS: as above. ARGV: base of the tasks' keys, '1' to read the payload too, ids. */
const READ = createScript(`${READ_FIELDS}${STATUS_OF}
local schedules = {}
for i = 3, #ARGV do
  local due = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if due then
    local fields = fieldsOf(ARGV[i], ${FIELDS.map((name) => `'${name}'`).join(', ')})
    for f = 1, ${FIELDS.length} do fields[f] = fields[f] or false end
    local last = fields[${FIELDS.indexOf('last_task') + 1}]
    local status = last and redis.call('EXISTS', ARGV[1] .. last) == 1 and statusOf(ARGV[1], last)
    local data = ARGV[2] == '1' and fieldsOf(ARGV[i], 'data')[1]
    schedules[#schedules + 1] = {ARGV[i], due, status or '', data or '', fields}
  end
end
return schedules
`);

/** Reads schedules by their ids; leaves out those that are not there. */
export async function readSchedules(
  { redis, keyOf }: QueueRedis,
  ids: readonly string[],
  { withData = false } = {},
): Promise<StoredSchedule[]> {
  const reply = await READ(redis, keysOf(keyOf), [keyOf(''), withData ? '1' : '0', ...ids]);
  return (reply as [string, string, string, string, (string | null)[]][]).map(
    ([id, due, status, data, values]) => {
      // as in the script
      const pairs = FIELDS.map((name, i) => [name, values[i] ?? undefined] as const);
      return {
        id,
        dueMs: Number.isFinite(Number(due)) ? Number(due) : undefined,
        lastStatus: status === '' ? undefined : (status as TaskStatus),
        fields: { ...Object.fromEntries(pairs), ...(withData && { data }) },
      };
    },
  );
}

/** KEYS: as above. */
const IDS = createScript(`return redis.call('ZRANGE', KEYS[1], 0, -1)`);

/** Returns the ids of all schedules, sorted. */
export async function scheduleIds({ redis, keyOf }: QueueRedis): Promise<string[]> {
  return ((await IDS(redis, keysOf(keyOf), [])) as string[]).sort(); // as ZRANGE
}
