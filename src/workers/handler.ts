import type { Logger } from '../shared/service/logging.ts';

/** Marks the error about a payload that does not fit its schema. Registered: handlers may have another copy of asdlc. */
export const INVALID_PAYLOAD = Symbol.for('asdlc.invalid_payload');

/** What a handler receives for one attempt at a task. */
export interface TaskContext {
  readonly id: string;
  readonly eventType: string;
  readonly payload: unknown;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The W3C traceparent of the task's submission. Send it with the requests that you make. */
  readonly traceparent: string | undefined;
  /** The W3C tracestate of the submission. Send it with the traceparent. */
  readonly tracestate: string | undefined;
  /** Aborts at the handler's time limit and when the process must stop. Pass it to what you await. */
  readonly signal: AbortSignal;
  /** Writes lines that carry the task's id, event type and trace. */
  readonly logger: Logger;
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

export interface HandlerModule {
  readonly handlers: Handlers;
  readonly settings: Readonly<Record<string, HandlerSettings>>;
  /** The module's URL: handler threads load it too. */
  readonly url: string;
}
