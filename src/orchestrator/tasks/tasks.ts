import type { Redis } from 'ioredis';
import type { OrchestratorConfig } from '../../shared/config.ts';
import { queueKeys } from '../../shared/queue/bullmq-schema.ts';
import { RedisClock } from '../../shared/queue/clock.ts';
import { EventTypes } from '../../shared/queue/event-types.ts';
import { PayloadSchemas } from '../../shared/queue/payload-schemas.ts';
import { createTaskQueue, type TaskQueue } from '../../shared/queue/queue.ts';
import { type QueueSnapshot, readQueue } from '../../shared/queue/snapshot.ts';
import type { Logger } from '../../shared/service/logging.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { TaskIndex } from './task-index.ts';
import { TaskListing } from './task-listing.ts';
import { TaskLookup } from './task-lookup.ts';
import { TaskStore } from './task-store.ts';
import { TaskSubmitter } from './task-submitter.ts';

/** The queue, and what the routes need to submit, list and change its tasks. */
export interface Tasks {
  readonly queue: TaskQueue;
  readonly submitter: TaskSubmitter;
  readonly listing: TaskListing;
  readonly store: TaskStore;
  readonly eventTypes: EventTypes;
  readonly payloadSchemas: PayloadSchemas;
  readonly readQueue: () => Promise<QueueSnapshot>;
  /** Leaves `redis` open. */
  close(): Promise<void>;
}

export function createTasks(
  config: OrchestratorConfig,
  { redis, tracing, logger }: { redis: Redis; tracing: Tracing | undefined; logger: Logger },
): Tasks {
  const prefix = config.QUEUE_PREFIX;
  const queue = createTaskQueue(redis, prefix, tracing?.telemetry);
  queue.on('error', (error) => logger.debug({ error }, 'queue error'));
  const clock = new RedisClock(redis, prefix);
  const queueRedis = { redis, keyOf: queueKeys(prefix) };
  const lookup = new TaskLookup(queue, queueRedis);
  const index = new TaskIndex(queueRedis);
  return {
    queue,
    submitter: new TaskSubmitter({
      queue,
      queueRedis,
      lookup,
      tracing,
      maxAttempts: config.TASK_MAX_ATTEMPTS,
      retryDelayMs: config.TASK_RETRY_DELAY * 1000,
    }),
    listing: new TaskListing(queueRedis),
    store: new TaskStore({ queueRedis, lookup, clock }),
    eventTypes: new EventTypes(redis, prefix),
    payloadSchemas: new PayloadSchemas(redis, prefix),
    readQueue: () => readQueue(redis, prefix),
    close: async () => {
      await queue.close();
      clock.close();
      index.close();
    },
  };
}
