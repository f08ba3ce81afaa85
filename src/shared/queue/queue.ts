import { Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import { validTraceparent, validTracestate } from '../trace-context.ts';

/** The queue on which orchestrator and workers meet; what both must agree on. */
export const QUEUE_NAME = 'tasks';

/** What Redis keeps of a task beside BullMQ's own fields; the job's name is the event type. */
export interface TaskData {
  payload?: unknown;
  /** The W3C traceparent of the request that submitted it. */
  traceparent?: string;
  /** The W3C tracestate beside it. */
  tracestate?: string;
  /** How often the task was started alone, after processes died while they ran it, and by which process last. */
  quarantine_starts?: number;
  quarantine_process?: string;
  /** When it was queued again by hand, by Redis's clock in Unix milliseconds: what it has waited since. */
  due?: number;
  /** Tells the submission that made it from others under the same idempotency key. */
  submission?: string;
}

/** A task's data as it can be relied on: one that did not come through the orchestrator may have any, or none. */
export function dataOf(job: { readonly data: unknown }): TaskData {
  const given = (typeof job.data === 'object' && job.data !== null ? job.data : {}) as TaskData; // its parts are checked below
  const { payload, due, submission } = given;
  const data: TaskData = { payload };
  const traceparent = validTraceparent(given.traceparent);
  if (traceparent !== undefined) {
    data.traceparent = traceparent;
    const tracestate = validTracestate(given.tracestate);
    if (tracestate !== undefined) data.tracestate = tracestate;
  }
  if (due !== undefined && Number.isFinite(due)) data.due = due;
  if (submission !== undefined) data.submission = submission;
  return data;
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
