import type { Redis } from 'ioredis';
import { queueKeys, readQueueCounts } from './bullmq-schema.ts';
import { countUnhandled } from './bullmq-unhandled.ts';

export interface QueueSnapshot {
  /** Delayed tasks that are due count as waiting. */
  readonly tasks: Readonly<Record<'waiting' | 'active' | 'delayed' | 'dead' | 'completed', number>>;
  /** How long the task that is due for longest has waited; 0 when none waits. */
  readonly oldestAgeSeconds: number;
  /** Tasks that wait for a handler, by event type; `other` for all but the largest types. */
  readonly unhandled: number;
  readonly isPaused: boolean;
}

/** Reads the state of the queue in one round trip. Rejects as the connection does when Redis is away. */
export async function readQueue(redis: Redis, prefix: string): Promise<QueueSnapshot> {
  const keyOf = queueKeys(prefix);
  const [counts, unhandled, paused] = await Promise.all([
    readQueueCounts(redis, keyOf),
    countUnhandled(redis, keyOf),
    redis.hexists(keyOf('meta'), 'paused'),
  ]);
  const { oldestAgeMs, ...tasks } = counts;
  return { tasks, oldestAgeSeconds: oldestAgeMs / 1000, unhandled, isPaused: paused === 1 };
}
