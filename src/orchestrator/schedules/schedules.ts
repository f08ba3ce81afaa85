import type { Redis } from 'ioredis';
import type { MetricsRegistry } from '../../infrastructure/metrics/index.ts';
import type { OrchestratorConfig } from '../../shared/config.ts';
import { queueKeys } from '../../shared/queue/bullmq-schema.ts';
import { RedisClock } from '../../shared/queue/clock.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import { QUEUE_NAME } from '../../shared/queue-names.ts';
import type { Logger } from '../../shared/service/logging.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import type { SubmissionObserver } from '../tasks/submission-observer.ts';
import { DeclaredSchedules } from './declared.ts';
import { createRunObserver, type RunObserver } from './run-observer.ts';
import { ScheduleStore } from './schedule-store.ts';
import { Scheduler } from './scheduler.ts';

/** What the routes need of schedules, and the scheduler that queues their tasks. */
export interface Schedules {
  readonly store: ScheduleStore;
  readonly observer: RunObserver;
  /** Waits for the work under way. Leaves `redis` open. */
  close(): Promise<void>;
}

export interface SchedulesDependencies {
  readonly redis: Redis;
  readonly queue: TaskQueue;
  readonly tracing: Tracing | undefined;
  readonly logger: Logger;
  readonly registry: MetricsRegistry;
  readonly submitted: SubmissionObserver;
}

/** Starts to queue tasks and to keep what workers declare. */
export function createSchedules(
  config: OrchestratorConfig,
  { redis, queue, tracing, logger, registry, submitted }: SchedulesDependencies,
): Schedules {
  const prefix = config.QUEUE_PREFIX;
  const clock = new RedisClock(redis, prefix);
  const options = {
    queueRedis: { redis, keyOf: queueKeys(prefix), queue: QUEUE_NAME },
    maxAttempts: config.TASK_MAX_ATTEMPTS,
    retryDelayMs: config.TASK_RETRY_DELAY * 1000,
  };
  const observer = createRunObserver(registry, config.SERVICE_NAME, submitted);
  const scheduler = new Scheduler({ ...options, queue, tracing, logger, onRun: observer.due });
  scheduler.start();
  const store = new ScheduleStore({ ...options, clock });
  const declared = new DeclaredSchedules({ queueRedis: options.queueRedis, prefix, store, logger });
  declared.start();
  return {
    store,
    observer,
    close: async () => {
      await Promise.all([scheduler.close(), declared.close()]);
      clock.close();
    },
  };
}
