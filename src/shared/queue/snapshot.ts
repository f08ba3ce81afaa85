import type { Redis } from 'ioredis';
import { type PausedType, readPausedTypes } from './bullmq-parking.ts';
import { type KeyOf, readQueueCounts } from './bullmq-schema.ts';
import { countUnhandled } from './bullmq-unhandled.ts';

export interface QueueSnapshot {
  /** Delayed tasks that are due count as waiting. `paused`: their event type is. */
  readonly tasks: Readonly<
    Record<'waiting' | 'active' | 'delayed' | 'blocked' | 'dead' | 'completed' | 'paused', number>
  >;
  /** How long the task that is due for longest has waited; 0 when none waits. */
  readonly oldestAgeSeconds: number;
  /** Tasks that wait for a handler, by event type; `other` for all but the largest types. */
  readonly unhandled: number;
  readonly isPaused: boolean;
  readonly pausedTypes: readonly PausedType[];
}

/** Reads the state of a queue in one round trip. Rejects as the connection does when Redis is away. */
export async function readQueue(redis: Redis, keyOf: KeyOf): Promise<QueueSnapshot> {
  const [counts, unhandled, paused, pausedTypes] = await Promise.all([
    readQueueCounts(redis, keyOf),
    countUnhandled(redis, keyOf),
    redis.hexists(keyOf('meta'), 'paused'),
    readPausedTypes(redis, keyOf),
  ]);
  const { oldestAgeMs, ...tasks } = counts;
  return { tasks, oldestAgeSeconds: oldestAgeMs / 1000, unhandled, isPaused: paused === 1, pausedTypes };
}
