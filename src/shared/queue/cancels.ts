import type { Redis } from 'ioredis';
import { CANCELS } from './bullmq-changes.ts';
import type { KeyOf } from './bullmq-schema.ts';

/**
 * Calls `onCancel` with the id of each task that somebody asks to cancel, wherever it runs. Returns a function that ends this.
 * `redis` must be used for nothing else than the cancels of several queues. A message that is missed is found in the task: see CANCEL_ASKED.
 */
export function listenForCancels(redis: Redis, keyOf: KeyOf, onCancel: (id: string) => void): () => void {
  const onMessage = (_: string, id: string) => onCancel(id);
  redis.on('message', onMessage);
  // ioredis subscribes again whenever it has connected again. A user may lack the right to.
  redis.subscribe(keyOf(CANCELS)).catch(() => undefined);
  return () => redis.off('message', onMessage);
}
