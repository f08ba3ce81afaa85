import { type Job, Queue, type Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import { QUEUE_NAME } from '../queue-names.ts';
import { validTraceparent, validTracestate } from '../trace-context.ts';
import { type Flow, parseFlow } from './flow.ts';

/** A job's `data`: what asdlc keeps of a task. The job's name is the event type. */
export interface TaskData {
  payload?: unknown;
  /** Which tasks of the same submission it has to do with: see `KeptFlow`. */
  flow?: unknown;
  /** The W3C traceparent of the request that submitted it. */
  traceparent?: string;
  /** The W3C tracestate beside it. */
  tracestate?: string;
  /** The id of the schedule that made it, and the due time that it is for: Unix milliseconds. */
  schedule?: string;
  schedule_due?: number;
  /** How often the task was started in quarantine without a known end, and by which process last. */
  quarantine_starts?: number;
  quarantine_process?: string;
  /** When it was queued again by hand: its waiting time begins then. Unix milliseconds by Redis's clock. */
  due?: number;
}

/** The valid parts of it. */
export type KeptData = Omit<TaskData, 'flow'> & { flow?: Flow };

/** BullMQ's record of a task. */
export type TaskRecord = Job<TaskData, unknown, string>;

/** Returns the valid parts of a task's data. A task that did not come through the orchestrator may have any data. */
export function dataOf(job: { readonly data: unknown }): KeptData {
  const given = (typeof job.data === 'object' && job.data !== null ? job.data : {}) as TaskData; // checked below
  const { payload, due, flow, schedule, schedule_due } = given;
  const data: KeptData = { payload };
  if (flow !== undefined) data.flow = parseFlow(flow);
  const traceparent = validTraceparent(given.traceparent);
  if (traceparent !== undefined) {
    data.traceparent = traceparent;
    const tracestate = validTracestate(given.tracestate);
    if (tracestate !== undefined) data.tracestate = tracestate;
  }
  if (due !== undefined && Number.isFinite(due)) data.due = due;
  if (
    typeof schedule === 'string' &&
    Number.isSafeInteger(schedule_due) &&
    Math.abs(schedule_due ?? 0) < 8.64e15
  ) {
    data.schedule = schedule;
    data.schedule_due = Number(schedule_due);
  }
  return data;
}

/** Makes BullMQ call the workers' `retryDelayMs`. The first delay is in the task's options. */
export const BACKOFF_TYPE = 'capped';

const MAX_RETRY_DELAY_MS = 5 * 60_000;

/** Returns the time until the next attempt: it doubles up to five minutes, less a random part of up to one half. */
export function retryDelayMs(attemptsMade: number, firstDelayMs: number, random = Math.random()): number {
  const fullMs = Math.min(firstDelayMs * 2 ** (attemptsMade - 1), MAX_RETRY_DELAY_MS);
  return Math.round(fullMs * (1 - random / 2));
}

export type TaskQueue = Queue<TaskData, unknown, string>;

/** The producing side of the queue. Its calls do not wait for Redis: they fail as those of `connection` do. */
export function createTaskQueue(
  connection: Redis,
  prefix: string,
  telemetry?: Telemetry,
  queue: string = QUEUE_NAME,
): TaskQueue {
  return new Queue<TaskData, unknown, string>(queue, {
    connection,
    prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
    ...(telemetry && { telemetry }),
  });
}
