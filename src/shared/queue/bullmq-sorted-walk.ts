import type { Redis } from 'ioredis';
import type { TaskStatus } from '../http-contract/tasks.ts';
import { FILTER_ARGUMENTS, filterArguments, type JobFilter, MATCHES } from './bullmq-filter.ts';
import {
  type Found,
  hasEnded,
  type Place,
  parsePlace,
  readFound,
  type WalkOptions,
} from './bullmq-listing.ts';
import { type KeyOf, LISTS } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/* Walks statuses that have one sorted set. Its scores are ends, or due times in units of 1/4096 ms. */

/** The statuses that can be walked from the oldest on. */
export type SortedStatus = 'dead' | 'delayed';

const setOf = (keyOf: KeyOf, status: TaskStatus) => keyOf(LISTS[status][0] ?? '');

/** Lua: compares bytes, as Redis does. Lua's own operator knows languages. */
const COMES_BEFORE = `
local function comesBefore(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
  end
  return #a < #b
end
`;

const [SCORE, ID, LIMIT, STEPS, LAST_SCORE] = [1, 2, 3, 4, 5].map((n) => `ARGV[${FILTER_ARGUMENTS + n}]`);

/** What differs between the directions of a walk, in Lua. */
interface Direction {
  readonly command: 'ZRANGE' | 'ZREVRANGE';
  /** The scores that come before `score`, as ZCOUNT takes them. */
  readonly before: string;
  readonly isAfterLast: string;
  /** Whether the score comes after `lastScore`. */
  readonly isPast: string;
}

/**
 * KEYS: the sorted set. ARGV: those of the filter, score and id of the last place or '', how many to find, how many to look
 * at, and the last score to look at or ''.
 */
const walk = ({ command, before, isAfterLast, isPast }: Direction) =>
  createScript(`${MATCHES}${COMES_BEFORE}
local score, last, lastScore = ${SCORE}, ${ID}, tonumber(${LAST_SCORE})
local rank = score == '' and 0 or redis.call('ZCOUNT', KEYS[1], ${before})
local found, steps, looked = {}, tonumber(${STEPS}), 0
while steps > 0 do
  local page = redis.call('${command}', KEYS[1], rank, rank + 99, 'WITHSCORES')
  if #page == 0 then return {false, found, looked} end
  for i = 1, #page, 2 do
    if page[i + 1] == '-inf' then page[i + 1] = '${-Number.MAX_SAFE_INTEGER}' end
    if page[i + 1] == 'inf' then page[i + 1] = '${Number.MAX_SAFE_INTEGER}' end
    if page[i + 1] ~= score or ${isAfterLast} then
      if lastScore and ${isPast} then return {false, found, looked} end
      looked = looked + 1
      if matches(page[i]) then
        found[#found + 1] = page[i + 1]
        found[#found + 1] = page[i]
      end
      if #found == ${LIMIT} * 2 then return {page[i + 1] .. ':' .. page[i], found, looked} end
    end
  end
  score, last = page[#page], page[#page - 1]
  rank = rank + #page / 2
  steps = steps - #page / 2
end
return {score .. ':' .. last, found, looked}
`);

const WALK_NEWEST = walk({
  command: 'ZREVRANGE',
  before: `'(' .. score, '+inf'`,
  isAfterLast: 'comesBefore(page[i], last)',
  isPast: 'tonumber(page[i + 1]) < lastScore',
});

const WALK_OLDEST = walk({
  command: 'ZRANGE',
  before: `'-inf', '(' .. score`,
  isAfterLast: 'comesBefore(last, page[i])',
  isPast: 'tonumber(page[i + 1]) > lastScore',
});

/** The score of a delayed job is its due time in these units. */
const DUE_TIME_UNITS = 4_096;

/** What two processes may take the time of Redis's clock to differ by. */
const CLOCK_SLACK_MS = 60_000;

/**
 * A task ends, and is due, after its submission: no task with a lower score was submitted late enough. The score of an
 * ended one is its end.
 */
function floorOf({ status, createdAfterMs, endedAfterMs }: WalkOptions): number | '' {
  const floors: number[] = [];
  if (createdAfterMs !== undefined) {
    floors.push((createdAfterMs - CLOCK_SLACK_MS) * (status === 'delayed' ? DUE_TIME_UNITS : 1));
  }
  if (endedAfterMs !== undefined && hasEnded(status)) floors.push(endedAfterMs);
  return floors.length === 0 ? '' : Math.max(...floors);
}

/** Where a walk begins: at the time before which tasks shall have ended, unless it goes on after a place. */
function beginOf({ status, after, endedBeforeMs }: WalkOptions): Place | undefined {
  return (
    after ?? (endedBeforeMs !== undefined && hasEnded(status) ? { order: endedBeforeMs, id: '' } : undefined)
  );
}

/** Walks a status that has one sorted set, in its order. `next` is the place that it looked at last. */
export async function walkSet(redis: Redis, keyOf: KeyOf, options: WalkOptions): Promise<Found<Place>> {
  const { status, limit, steps } = options;
  const begin = beginOf(options);
  const place = [begin?.order ?? '', begin?.id ?? ''];
  const args = [...filterArguments(keyOf, options), ...place, limit, steps, floorOf(options)];
  return readFound(await WALK_NEWEST(redis, [setOf(keyOf, status)], args), parsePlace);
}

export interface OldestWalk extends JobFilter {
  readonly status: SortedStatus;
  /** The place after which to begin; undefined: the first. */
  readonly after: Place | undefined;
  readonly limit: number;
  /** How many tasks to look at: Redis does nothing else for 1 or 2 ms for 1,000. */
  readonly steps: number;
  /** Tasks with a higher score are left out. */
  readonly until: number;
}

/** Walks those first that died, or are due, first. `next` is the place that it looked at last. */
export async function walkOldest(redis: Redis, keyOf: KeyOf, options: OldestWalk): Promise<Found<Place>> {
  const { status, after, limit, steps, until } = options;
  const place = [after?.order ?? '', after?.id ?? ''];
  const args = [...filterArguments(keyOf, options), ...place, limit, steps, until];
  return readFound(await WALK_OLDEST(redis, [setOf(keyOf, status)], args), (text) => {
    const at = text.indexOf(':');
    // A damaged score has a part of a millisecond: the walk must not come to its task again.
    return { order: Math.ceil(Number(text.slice(0, at))), id: text.slice(at + 1) };
  });
}

/** Returns the score of the task that died, or is due, last; 0: there is none. */
export async function highestScore(redis: Redis, keyOf: KeyOf, status: SortedStatus): Promise<number> {
  const [, score = '0'] = await redis.zrevrange(setOf(keyOf, status), 0, 0, 'WITHSCORES');
  if (score === 'inf') return Number.MAX_SAFE_INTEGER; // a damaged one
  return Math.min(Math.ceil(Number(score)) || 0, Number.MAX_SAFE_INTEGER);
}
