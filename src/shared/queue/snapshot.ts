import type { Redis } from 'ioredis';
import { queueKeys, readQueueCounts } from './bullmq-schema.ts';

export interface QueueSnapshot {
  /** Delayed tasks that are due count as waiting. */
  readonly tasks: Readonly<Record<'waiting' | 'active' | 'delayed' | 'dead', number>>;
  /** How long the task that is due for longest has waited; 0 when none waits. */
  readonly oldestAgeSeconds: number;
}

/** Reads the state of the queue in one round trip. Rejects as the connection does when Redis is away. */
export async function readQueue(redis: Redis, prefix: string): Promise<QueueSnapshot> {
  const { oldestAgeMs, ...tasks } = await readQueueCounts(redis, queueKeys(prefix));
  return { tasks, oldestAgeSeconds: oldestAgeMs / 1000 };
}
