import type { Redis } from 'ioredis';
import { type KeyOf, removeEndedBefore } from '../shared/queue/bullmq-schema.ts';

const MAX_INTERVAL_MS = 60_000;
const MIN_INTERVAL_MS = 1_000;

export interface RetentionOptions {
  readonly keyOf: KeyOf;
  readonly completedKeepSeconds: number;
  readonly deadKeepSeconds: number;
  /** Called with each error of a command. The next round may succeed. */
  readonly onRedisError: (error: Error) => void;
}

/**
 * Removes ended tasks whose time is over. BullMQ does so only as another task ends; this also does while the queue is
 * idle. Returns a function that stops it.
 */
export function startRetention(redis: Redis, options: RetentionOptions): () => void {
  const { keyOf, completedKeepSeconds, deadKeepSeconds, onRedisError } = options;
  const shortestMs = Math.min(completedKeepSeconds, deadKeepSeconds) * 1000;
  const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, shortestMs / 2));
  let isStopped = false;
  const round = async () => {
    if (redis.status !== 'ready') return; // else commands would pile up until Redis is back
    await removeOld(redis, keyOf, 'completed', completedKeepSeconds, () => isStopped);
    await removeOld(redis, keyOf, 'failed', deadKeepSeconds, () => isStopped);
  };
  let timer: NodeJS.Timeout;
  const next = () => {
    timer = setTimeout(() => {
      round()
        .catch(onRedisError)
        .finally(() => isStopped || next());
    }, intervalMs).unref();
  };
  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Removes in slices, so that Redis serves others between two. */
async function removeOld(
  redis: Redis,
  keyOf: KeyOf,
  list: 'completed' | 'failed',
  keepSeconds: number,
  isStopped: () => boolean,
): Promise<void> {
  while (!isStopped()) {
    const isMore = await removeEndedBefore(redis, keyOf, list, keepSeconds * 1000);
    if (!isMore) return;
  }
}
