import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** Runs a Lua script in Redis and returns its reply. */
export type Script = (
  redis: Redis,
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/**
 * Sends the script's text the first time on a connection, so that this takes no second round trip. After that only when Redis
 * has forgotten it.
 */
export function createScript(text: string): Script {
  const hash = createHash('sha1').update(text).digest('hex');
  const sentOn = new WeakSet<Redis>();
  return async (redis, keys, args) => {
    if (!sentOn.has(redis)) {
      sentOn.add(redis);
      return redis.eval(text, keys.length, ...keys, ...args);
    }
    try {
      return await redis.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(text, keys.length, ...keys, ...args);
    }
  };
}
