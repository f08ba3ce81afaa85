import type { Redis } from 'ioredis';

export interface RedisMemory {
  readonly usedBytes: number;
  /** `maxmemory`; 0: no limit. */
  readonly maxBytes: number;
}

/** It writes nothing, so Redis runs it when it is out of memory too. A Cluster sends it to the queue's node. */
const READ_MEMORY = `
local info = redis.pcall('INFO', 'memory')
return type(info) == 'string' and info or ''
`;

/** Reads how full Redis is. Undefined when it is not known: Redis is away, or the user may not read INFO. */
export async function readRedisMemory(redis: Redis, prefix: string): Promise<RedisMemory | undefined> {
  const info = await redis.eval(READ_MEMORY, 1, `${prefix}:check`).catch(() => '');
  return memoryIn(String(info));
}

/** What the text of INFO says of memory. Undefined unless it has both numbers. */
export function memoryIn(info: string): RedisMemory | undefined {
  const [used, max] = ['used_memory', 'maxmemory'].map(
    (name) => new RegExp(`^${name}:(\\d+)\\r?$`, 'm').exec(info)?.[1],
  );
  return used === undefined || max === undefined
    ? undefined
    : { usedBytes: Number(used), maxBytes: Number(max) };
}
