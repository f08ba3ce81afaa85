import type { Redis } from 'ioredis';
import type { OrchestratorConfig } from '../../shared/config.ts';
import type { WorkerList } from '../../shared/http-contract/workers.ts';
import { queueKeys } from '../../shared/queue/bullmq-schema.ts';
import { RedisClock } from '../../shared/queue/clock.ts';
import { EventTypes } from '../../shared/queue/event-types.ts';
import { PayloadSchemas } from '../../shared/queue/payload-schemas.ts';
import { createTaskQueue } from '../../shared/queue/queue.ts';
import { WorkerRegistry } from '../../shared/queue/worker-registry.ts';
import { parseTaskRoutes, type TaskRoutes } from '../../shared/queue-names.ts';
import type { Logger } from '../../shared/service/logging.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { BulkChange } from './bulk-change.ts';
import { ErrorListing } from './error-listing.ts';
import { TaskIndex } from './task-index.ts';
import { TaskListing } from './task-listing.ts';
import { TaskLookup } from './task-lookup.ts';
import { type OneQueue, TaskQueues } from './task-queues.ts';
import { TaskStore } from './task-store.ts';
import { createTaskStores, type TaskStores } from './task-stores.ts';
import { TaskSubmitter } from './task-submitter.ts';
import { TypePauses } from './type-pauses.ts';
import { listWorkers } from './worker-list.ts';

/** The queues, and what the routes need to submit, list and change their tasks. */
export interface Tasks {
  readonly queues: TaskQueues;
  readonly submitter: TaskSubmitter;
  readonly listing: TaskListing;
  readonly errors: ErrorListing;
  readonly store: TaskStores;
  readonly bulk: BulkChange;
  readonly eventTypes: EventTypes;
  readonly typePauses: TypePauses;
  readonly payloadSchemas: PayloadSchemas;
  readonly listWorkers: () => Promise<WorkerList>;
  /** Leaves `redis` open. */
  close(): Promise<void>;
}

export function createTasks(
  config: OrchestratorConfig,
  { redis, tracing, logger }: { redis: Redis; tracing: Tracing | undefined; logger: Logger },
): Tasks {
  const prefix = config.QUEUE_PREFIX;
  const routes = parseTaskRoutes(config.TASK_ROUTES ?? '') as TaskRoutes; // checked at the start
  const clock = new RedisClock(redis, prefix);
  const all = routes.queues.map((name): OneQueue => {
    const queue = createTaskQueue(redis, prefix, tracing?.telemetry, name);
    queue.on('error', (error) => logger.debug({ error }, 'queue error'));
    const queueRedis = { redis, keyOf: queueKeys(prefix, name), queue: name };
    const lookup = new TaskLookup(queue, queueRedis);
    return { name, queue, queueRedis, lookup, store: new TaskStore({ queueRedis, lookup, clock }) };
  });
  const queues = new TaskQueues(all, routes);
  const everyRedis = all.map(({ queueRedis }) => queueRedis);
  const indexes = everyRedis.map((queueRedis) => new TaskIndex(queueRedis));
  const registry = new WorkerRegistry(redis, prefix);
  return {
    queues,
    submitter: new TaskSubmitter({
      queue: queues.first.queue,
      queues,
      tracing,
      maxAttempts: config.TASK_MAX_ATTEMPTS,
      retryDelayMs: config.TASK_RETRY_DELAY * 1000,
    }),
    listing: new TaskListing(queues),
    errors: new ErrorListing(queues),
    store: createTaskStores(queues),
    bulk: new BulkChange({ queues, clock }),
    eventTypes: new EventTypes(redis, prefix),
    typePauses: new TypePauses(everyRedis),
    payloadSchemas: new PayloadSchemas(redis, prefix),
    listWorkers: () => listWorkers({ queues: everyRedis, registry }),
    close: async () => {
      await Promise.all(all.map((each) => each.queue.close()));
      clock.close();
      for (const index of indexes) index.close();
    },
  };
}
