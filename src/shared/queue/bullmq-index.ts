import type { Redis } from 'ioredis';
import { type KeyOf, kindOf, LISTS } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/*
 * The index: two sorted sets of our own that name every task. `by-time` has the members `<created>:<id>`, and `by-type`
 * has `<event type>:<created>:<id>`, where `created` is the Unix time in milliseconds, 13 digits. All scores are 0, so
 * that the members lie in the order of their bytes. A task's id contains no colon, so these keys cannot be those of tasks.
 *
 * A submission adds the task, a removal over HTTP removes it. BullMQ removes ended tasks, but not from here. Therefore
 * submissions also check members, a few at a time, and remove those whose task is gone.
 */
export const BY_TIME = 'asdlc:by-time';
export const BY_TYPE = 'asdlc:by-type';

/** The member of `by-type` that was checked last. */
export const CHECKED = 'asdlc:checked';

/** This key exists once all tasks have been in the index. */
export const INDEX_COMPLETE = 'asdlc:indexed';

/**
 * KEYS: by-time, by-type, the list or sorted set. ARGV: what all keys begin with, its kind, where to go on, how
 * many to look at. Returns where it goes on; '0' at the end.
 */
const INDEX = createScript(`
local ids, ends = {}, nil
if ARGV[2] == 'list' then
  ids = redis.call('LRANGE', KEYS[3], ARGV[3], ARGV[3] + ARGV[4] - 1)
  ends = #ids == tonumber(ARGV[4]) and tostring(ARGV[3] + ARGV[4]) or '0'
else
  local page = redis.call('ZSCAN', KEYS[3], ARGV[3], 'COUNT', ARGV[4])
  ends = page[1]
  for i = 1, #page[2], 2 do
    local entry = page[2][i]
    ids[#ids + 1] = ARGV[2] == 'members' and string.match(entry, '^[^:]*:[^:]*:(.*)$') or entry
  end
end
for _, id in ipairs(ids) do
  local job = redis.pcall('HMGET', ARGV[1] .. id, 'name', 'timestamp')
  local created = tonumber(job[2] or nil)
  if job[1] and created and created >= 0 and created < 1e13 then
    local place = string.format('%013.0f:', created) .. id
    redis.call('ZADD', KEYS[1], 0, place)
    redis.call('ZADD', KEYS[2], 0, job[1] .. ':' .. place)
  end
end
return ends
`);

/** How many jobs one step of an indexing looks at: Redis does nothing else for about 1 ms. */
const INDEXED_AT_ONCE = 500;

/**
 * Puts tasks into the index that are not in it: an older version queued them, or another program. Calls `pause` after
 * each step.
 */
export async function indexAllTasks(
  redis: Redis,
  keyOf: KeyOf,
  pause: () => Promise<unknown>,
): Promise<void> {
  for (const name of Object.values(LISTS).flat()) {
    let from = '0';
    do {
      const keys = [BY_TIME, BY_TYPE, name].map(keyOf);
      const args = [keyOf(''), kindOf(name), from, INDEXED_AT_ONCE];
      from = String(await INDEX(redis, keys, args));
      await pause();
    } while (from !== '0');
  }
  await redis.set(keyOf(INDEX_COMPLETE), '1');
}

/** Whether all tasks were in the index once. Those that asdlc submitted since then are, too. */
export async function isIndexComplete(redis: Redis, keyOf: KeyOf): Promise<boolean> {
  return (await redis.exists(keyOf(INDEX_COMPLETE))) === 1;
}
