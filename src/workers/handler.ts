import type { ScheduleRequest } from '../shared/http-contract/schedules.ts';
import type { Logger } from '../shared/service/logging.ts';

/** Marks the error about a payload that does not fit its schema. Registered: handlers may have another copy of asdlc. */
export const INVALID_PAYLOAD = Symbol.for('asdlc.invalid_payload');

/** Has what a handler checks payloads with, which throws for one that does not fit. Registered for the same reason. */
export const CHECK_PAYLOAD = Symbol.for('asdlc.check_payload');

/** The schedule that made a task. */
export interface TaskSchedule {
  readonly id: string;
  /** The due time that the task is for, as 2027-03-28T01:30:00.000Z. */
  readonly dueAt: string;
}

/** How a task ended for which another one waited. */
export interface ChildResult {
  readonly id: string;
  readonly eventType: string;
  /** `dead` only where the submission says `on_child_dead: 'run'`. */
  readonly status: 'completed' | 'dead';
  /** What its handler returned, as JSON carries it; null of a dead one. */
  readonly result: unknown;
  /** Of a dead one. */
  readonly error: string | undefined;
}

/** What a handler receives for one attempt at a task. */
export interface TaskContext {
  readonly id: string;
  readonly eventType: string;
  readonly payload: unknown;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** How its children ended, in the order of the submission. Empty for a task without children. */
  readonly children: readonly ChildResult[];
  /** How the task before it in a chain ended: its result is in there. */
  readonly previous: ChildResult | undefined;
  /** The W3C traceparent of the task's submission. Send it with the requests that you make. */
  readonly traceparent: string | undefined;
  /** The W3C tracestate of the submission. Send it with the traceparent. */
  readonly tracestate: string | undefined;
  /** The schedule that made the task; undefined: a client submitted it. */
  readonly schedule?: TaskSchedule | undefined;
  /** Aborts at the handler's time limit and when the process must stop. Pass it to what you await. */
  readonly signal: AbortSignal;
  /** Writes lines that carry the task's id, event type and trace. The last 100 are kept with the task. */
  readonly logger: Logger;
  /** Reports how far the attempt is: any JSON of up to 4,096 characters. The task shows the last value within a second. */
  readonly progress: (value: unknown) => void;
}

/**
 * Makes one attempt. What it returns (JSON) becomes the task's result; what it throws becomes the task's error.
 * Tasks run at least once: the handler may be called again for the same id.
 */
export type TaskHandler = (task: TaskContext) => unknown;

/** Handlers by event type. The module that WORKER_HANDLERS names exports them as `handlers`. */
export type Handlers = Readonly<Record<string, TaskHandler>>;

/** How the tasks of one event type run. The module may export these by event type as `settings`. */
export interface HandlerSettings {
  /** The time limit of each attempt, instead of HANDLER_TIMEOUT. */
  readonly timeoutSeconds?: number;
  /** How many tasks may run at once in each worker process. */
  readonly concurrency?: number;
  /** How many tasks may start in each window of `seconds`, over all worker processes. */
  readonly rate?: { readonly max: number; readonly seconds: number };
  /** Whether the handler runs in a thread of its own. For work that would block the event loop. */
  readonly thread?: boolean;
}

/** A recurring task. The module may export these by id as `schedules`. */
export interface HandlerSchedule {
  /** As `0 6 * * 1-5`; either this or `everyMs`. */
  readonly cron?: string;
  /** Of `cron`, as `Europe/Berlin`; UTC by default. */
  readonly timeZone?: string;
  readonly everyMs?: number;
  /** One that the module has a handler for. */
  readonly eventType: string;
  readonly payload?: unknown;
  readonly priority?: number;
  readonly maxAttempts?: number;
}

export interface HandlerModule {
  readonly handlers: Handlers;
  readonly settings: Readonly<Record<string, HandlerSettings>>;
  /** Recurring tasks by id, each as the API takes it. */
  readonly schedules: Readonly<Record<string, ScheduleRequest>>;
  /** The module's URL: handler threads load it too. */
  readonly url: string;
}
