import { Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';

/** The queue on which orchestrator and workers meet; what both must agree on. */
export const QUEUE_NAME = 'tasks';

/** What Redis keeps of a task beside BullMQ's own fields; the job's name is the event type. */
export interface TaskData {
  payload?: unknown;
  /** The W3C traceparent of the request that submitted it. */
  traceparent?: string;
  /** How often the task was started alone, after processes died while they ran it, and by which process last. */
  quarantine_starts?: number;
  quarantine_process?: string;
}

/** Names the workers' own way to space retries; a task's options hold the first delay. */
export const BACKOFF_TYPE = 'capped';

const MAX_RETRY_DELAY_MS = 5 * 60_000;

/** Milliseconds until the next attempt: doubled each time, at most five minutes, less up to half of it at random. */
export function retryDelayMs(attemptsMade: number, firstDelayMs: number, random = Math.random()): number {
  const fullMs = Math.min(firstDelayMs * 2 ** (attemptsMade - 1), MAX_RETRY_DELAY_MS);
  return Math.round(fullMs * (1 - random / 2));
}

export type TaskQueue = Queue<TaskData, unknown, string>;

/**
 * The producing side. It does not wait for Redis: while it is away, calls fail as those of `connection` do.
 */
export function createTaskQueue(connection: Redis, prefix: string, telemetry?: Telemetry): TaskQueue {
  return new Queue<TaskData, unknown, string>(QUEUE_NAME, {
    connection,
    prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    ...(telemetry && { telemetry }),
  });
}
