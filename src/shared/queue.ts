import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** The queue on which orchestrator and workers meet; what both must agree on. */
export const QUEUE_NAME = 'tasks';

/** What Redis keeps of a task beside BullMQ's own fields; the job's name is the event type. */
export interface TaskData {
  payload?: unknown;
  /** The W3C traceparent of the request that submitted it. */
  traceparent?: string;
  /** How often the task was started alone, after a process died while it ran it. */
  quarantine_starts?: number;
}

export type TaskQueue = Queue<TaskData, unknown, string>;

/**
 * The producing side. It does not wait for Redis: while it is away, calls fail as those of `connection` do.
 */
export function createTaskQueue(connection: Redis, prefix: string): TaskQueue {
  return new Queue<TaskData, unknown, string>(QUEUE_NAME, {
    connection,
    prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
}
