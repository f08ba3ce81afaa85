import type { Redis } from 'ioredis';
import { FILTER_ARGUMENTS, filterArguments, type JobFilter, MATCHES } from './bullmq-filter.ts';
import { COMES_BEFORE, type Found, type Place, readFound } from './bullmq-listing.ts';
import { type KeyOf, LISTS } from './bullmq-schema.ts';
import { createScript } from './script.ts';

const [SCORE, ID, LIMIT, STEPS, HIGHEST] = [1, 2, 3, 4, 5].map((n) => `ARGV[${FILTER_ARGUMENTS + n}]`);

/** The statuses whose tasks are in one sorted set: its scores are their ends, and due times in units of 1/4096 ms. */
export type SortedStatus = 'dead' | 'delayed';

const setOf = (keyOf: KeyOf, status: SortedStatus) => keyOf(LISTS[status][0] ?? '');

/**
 * KEYS: the sorted set. ARGV: those of the filter, score and id of the last place or '', how many to find, how many to look at,
 * the highest score to look at.
 */
const WALK_OLDEST = createScript(`${MATCHES}${COMES_BEFORE}
local score, last, highest = ${SCORE}, ${ID}, tonumber(${HIGHEST})
local rank = score == '' and 0 or redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. score)
local found, steps, looked = {}, tonumber(${STEPS}), 0
while steps > 0 do
  local page = redis.call('ZRANGE', KEYS[1], rank, rank + 99, 'WITHSCORES')
  if #page == 0 then return {false, found, looked} end
  for i = 1, #page, 2 do
    if page[i + 1] == '-inf' then page[i + 1] = '${-Number.MAX_SAFE_INTEGER}' end
    if page[i + 1] == 'inf' then page[i + 1] = '${Number.MAX_SAFE_INTEGER}' end
    if page[i + 1] ~= score or comesBefore(last, page[i]) then
      if tonumber(page[i + 1]) > highest then return {false, found, looked} end
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
