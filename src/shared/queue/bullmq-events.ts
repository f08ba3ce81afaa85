import type { Redis } from 'ioredis';
import type { TaskEventStatus } from '../http-contract/task-events.ts';
import { KEEP_END } from './bullmq-outbox.ts';
import type { KeyOf } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * BullMQ's stream of events: each entry says what happened to one job. BullMQ's scripts write it, and asdlc's own do so
 * for what they change. BullMQ keeps about 10,000 entries. Older versions of asdlc wrote a job's result beside its end,
 * so an entry may have a megabyte.
 */
export const EVENTS = 'events';

const KEPT_EVENTS = 10_000;

/**
 * A Lua function for scripts that change jobs. It needs the local `base`. A stream that is damaged must not hinder the
 * change: workers put it aside soon.
 */
export const NOTE_EVENT = `
local function noteEvent(event, id, name)
  redis.pcall('XADD', base .. '${EVENTS}', 'MAXLEN', '~', ${KEPT_EVENTS}, '*', 'event', event, 'jobId', id,
    'name', type(name) == 'string' and name or '')
end
`;

/** In BullMQ's script that stores the end of a job. It writes the result a second time, and no event type. */
export const END_NOTED =
  'rcall("XADD", eventStreamKey, "*", "event", ARGV[5], "jobId", jobId, ARGV[3], ARGV[4], "prev", "active")';

/** A Lua function in the place of `END_NOTED`. It needs the local `base`. */
export const NOTE_END = `${KEEP_END}
local function noteEnd(events, job, id, event)
  local name = redis.call('HGET', job, 'name') or ''
  redis.call('XADD', events, '*', 'event', event, 'jobId', id, 'name', name, 'prev', 'active')
  keepEnd(event, id, name)
end
`;

/** The status that a job has after an event. Other events change none. */
const STATUS_AFTER: Readonly<Record<string, TaskEventStatus>> = {
  waiting: 'queued',
  delayed: 'delayed',
  'waiting-children': 'blocked',
  active: 'active',
  completed: 'completed',
  failed: 'dead',
  removed: 'removed',
};

const READ_AT_ONCE = 500;
/** A step of a read, and where a read stops: entries may be large. */
const ENTRIES_OF_STEP = 20;
const MOST_BYTES = 1024 * 1024;

/**
 * KEYS: events. ARGV: what all keys begin with, the place to go on after or '$', and the events to return. Returns the
 * place that it came to, whether there may be more, the first entry and the last one of the stream, and four values for
 * each event. The name of a job comes from its hash where the entry has none.
 */
const READ = createScript(`
local base, last = ARGV[1], ARGV[2]
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local ends = {first and first[1] or '0-0', newest and newest[1] or '0-0'}
if last == '$' then return {ends[2], 0, ends[1], ends[2]} end
local wanted = {}
for i = 3, #ARGV do wanted[ARGV[i]] = true end
local reply, seen, bytes, isMore = {last, 0, ends[1], ends[2]}, 0, 0, true
while isMore and seen < ${READ_AT_ONCE} and bytes < ${MOST_BYTES} do
  local entries = redis.call('XRANGE', KEYS[1], '(' .. last, '+', 'COUNT', ${ENTRIES_OF_STEP})
  for _, entry in ipairs(entries) do
    last = entry[1]
    local fields = {}
    for i = 1, #entry[2], 2 do
      fields[entry[2][i]] = entry[2][i + 1]
      bytes = bytes + #entry[2][i + 1]
    end
    local id = fields.jobId
    if id and wanted[fields.event] then
      local name = fields.name or redis.pcall('HGET', base .. id, 'name')
      reply[#reply + 1] = last
      reply[#reply + 1] = fields.event
      reply[#reply + 1] = id
      reply[#reply + 1] = type(name) == 'string' and name or ''
    end
  end
  seen = seen + #entries
  isMore = #entries == ${ENTRIES_OF_STEP}
end
reply[1] = last
reply[2] = isMore and 1 or 0
return reply
`);

/** One change of a task. */
export interface StoredEvent {
  /** Its place in the stream: `<Unix milliseconds>-<number>`. */
  readonly place: string;
  readonly id: string;
  /** Empty: nobody knows it any more. */
  readonly eventType: string;
  readonly status: TaskEventStatus;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** The place that the read came to. */
  readonly place: string;
  readonly isMore: boolean;
  /** Of the stream; `0-0`: it is empty. */
  readonly oldest: string;
  readonly newest: string;
}

/** Reads up to 500 entries after a place. With `$` it reads none, and returns the place of the newest one. */
export async function readEvents(redis: Redis, keyOf: KeyOf, after: string): Promise<EventPage> {
  const args = [keyOf(''), after, ...Object.keys(STATUS_AFTER)];
  const reply = (await READ(redis, [keyOf(EVENTS)], args)) as (string | number)[]; // as in the script
  const [place, isMore, oldest, newest, ...flat] = reply;
  const events: StoredEvent[] = [];
  for (let at = 0; at < flat.length; at += 4) {
    const status = STATUS_AFTER[String(flat[at + 1])];
    if (status === undefined) continue;
    events.push({
      place: String(flat[at]),
      id: String(flat[at + 2]),
      eventType: String(flat[at + 3]),
      status,
    });
  }
  return {
    events,
    place: String(place),
    isMore: isMore === 1,
    oldest: String(oldest),
    newest: String(newest),
  };
}

/** Waits until an entry follows that place, or for `limitMs`. `redis` is blocked meanwhile. */
export async function waitForEvent(
  redis: Redis,
  keyOf: KeyOf,
  after: string,
  limitMs: number,
): Promise<void> {
  await redis.xread('COUNT', 1, 'BLOCK', limitMs, 'STREAMS', keyOf(EVENTS), after);
}

/** Negative when `a` comes before `b`. */
export function comparePlaces(a: string, b: string): number {
  const [aMs = 0, aNumber = 0] = a.split('-').map(Number);
  const [bMs = 0, bNumber = 0] = b.split('-').map(Number);
  return aMs - bMs || aNumber - bNumber;
}

/** When the entry at a place was written: Unix milliseconds by Redis's clock. */
export function timeOfPlace(place: string): number {
  return Number(place.split('-', 1)[0]);
}
