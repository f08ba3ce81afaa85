import type { Redis } from 'ioredis';
import { QUEUE_NAME } from './queue.ts';

/** Beside BullMQ's own fields; nothing is written to a task that was removed meanwhile. */
const NOTE_DUE = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'due', ARGV[1]) end
`;

/** Notes when a task that failed is due again (Unix milliseconds by Redis's clock), for the age of what waits. */
export async function noteDueTime(redis: Redis, prefix: string, id: string, dueMs: number): Promise<void> {
  await redis.eval(NOTE_DUE, 1, `${prefix}:${QUEUE_NAME}:${id}`, Math.round(dueMs));
}
