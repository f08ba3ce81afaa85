import type { Redis } from 'ioredis';
import { BY_TIME, BY_TYPE, CHECKED } from './bullmq-index.ts';
import { OUTBOX, WEBHOOKS_OFF, WEBHOOKS_ON } from './bullmq-outbox.ts';
import { type KeyOf, LISTS, PARKED, PAUSED_TYPES } from './bullmq-schema.ts';
import { createScript } from './script.ts';

/** Mends what the guard in BullMQ's scripts cannot: the queue's own keys, and jobs that changed while they ran. */

const KEY_TYPES: Readonly<Record<string, string>> = {
  wait: 'list',
  paused: 'list',
  active: 'list',
  prioritized: 'zset',
  delayed: 'zset',
  completed: 'zset',
  failed: 'zset',
  'waiting-children': 'zset',
  marker: 'zset',
  stalled: 'set',
  meta: 'hash',
  events: 'stream',
  pc: 'string',
  'stalled-check': 'string',
  limiter: 'string',
  [BY_TIME]: 'zset',
  [BY_TYPE]: 'zset',
  [CHECKED]: 'string',
  [PARKED]: 'zset',
  [PAUSED_TYPES]: 'hash',
  [OUTBOX]: 'stream',
  [WEBHOOKS_ON]: 'string',
  [WEBHOOKS_OFF]: 'hash',
};

/** KEYS: the queue's own keys. ARGV: the type of each. Returns the place of each that it put aside. */
const MEND_KEYS = createScript(`
local damaged = {}
for i, key in ipairs(KEYS) do
  local found = redis.call('TYPE', key).ok
  if found ~= 'none' and found ~= ARGV[i] then
    redis.call('RENAME', key, key .. ':damaged')
    damaged[#damaged + 1] = i
  end
end
return damaged
`);

/** Puts those of the queue's own keys aside that have another type than BullMQ gave them. Returns their names. */
export async function mendQueueKeys(redis: Redis, keyOf: KeyOf): Promise<readonly string[]> {
  const names = Object.keys(KEY_TYPES);
  const damaged = (await MEND_KEYS(redis, names.map(keyOf), Object.values(KEY_TYPES))) as number[]; // as in the script
  return damaged.map((place) => names[place - 1] ?? '');
}

/** KEYS: the job, its lock, active, stalled. ARGV: id, token. */
const FORGET = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
redis.call('SREM', KEYS[4], ARGV[1])
return redis.call('LREM', KEYS[3], 0, ARGV[1])
`;

/** Removes the entry of an active job that has vanished. Returns whether there was one. */
export async function forgetVanished(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
  token: string,
): Promise<boolean> {
  const keys = [keyOf(id), `${keyOf(id)}:lock`, keyOf('active'), keyOf('stalled')];
  return Number(await redis.eval(FORGET, keys.length, ...keys, id, token)) > 0;
}

/** KEYS: the job, its lock, active, then the other lists. ARGV: id, token, duration of the lock in ms. */
const RESTORE = `
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
for i = 3, #KEYS do
  if redis.call('TYPE', KEYS[i]).ok == 'list' then
    if redis.call('LPOS', KEYS[i], ARGV[1]) then return 0 end
  elseif redis.call('ZSCORE', KEYS[i], ARGV[1]) then
    return 0
  end
end
redis.call('LPUSH', KEYS[3], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`;

/** Makes a job active again, with its lock, that ran here and is in no list any more. Returns whether it was. */
export async function restoreActive(
  redis: Redis,
  keyOf: KeyOf,
  id: string,
  { token, lockMs }: { token: string; lockMs: number },
): Promise<boolean> {
  const keys = [keyOf(id), `${keyOf(id)}:lock`, ...['active', ...Object.values(LISTS).flat()].map(keyOf)];
  return (await redis.eval(RESTORE, keys.length, ...keys, id, token, lockMs)) === 1;
}
