import type { Redis } from 'ioredis';
import { createScript } from './script.ts';

/** More workers than these are neither kept nor looked at. */
export const MAX_WORKERS = 1_000;

/**
 * KEYS: worker ids by their last announcement; by id the time of the first one, a line feed and the announcement.
 * ARGV: id, announcement, and for how many milliseconds one is kept. By Redis's clock.
 */
const ANNOUNCE = createScript(`
local now = redis.call('TIME')[1] * 1000
local gone = redis.call('ZRANGE', KEYS[1], '-inf', now - ARGV[3], 'BYSCORE')
local tooMany = redis.call('ZCARD', KEYS[1]) - ${MAX_WORKERS}
if tooMany > 0 then gone = redis.call('ZRANGE', KEYS[1], 0, math.max(tooMany, #gone) - 1) end
for _, id in ipairs(gone) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
local since = string.match(redis.call('HGET', KEYS[2], ARGV[1]) or '', '^(%d+)\\n') or string.format('%d', now)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], since .. '\\n' .. ARGV[2])
`);

/**
 * Keeps what a worker says of itself, and forgets the workers that said nothing for `keptMs`. Never rejects: the next
 * announcement may succeed.
 */
export async function announce(
  redis: Redis,
  keys: readonly string[],
  { id, text, keptMs }: { readonly id: string; readonly text: string; readonly keptMs: number },
): Promise<void> {
  await ANNOUNCE(redis, keys, [id, text, keptMs]).catch(() => undefined);
}
