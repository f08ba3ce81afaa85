import type { Logger } from '../shared/service/logging.ts';

/** What a handler is given for one attempt at a task. */
export interface TaskContext {
  readonly id: string;
  readonly eventType: string;
  readonly payload: unknown;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The W3C traceparent that the task was submitted with: send it on with what you call. */
  readonly traceparent: string | undefined;
  /** The W3C tracestate beside it: send it on with the traceparent. */
  readonly tracestate: string | undefined;
  /** Aborts at the handler's time limit and when the process must stop: pass it on to what you await. */
  readonly signal: AbortSignal;
  /** Writes lines that carry the task's id, event type and trace. */
  readonly logger: Logger;
}

/**
 * Processes one attempt; what it returns (JSON) is kept as the task's result, what it throws as its error.
 * Delivery is at least once: a handler must bear being run again for the same id.
 */
export type TaskHandler = (task: TaskContext) => unknown;

/** Handlers by event type; what the module named by WORKER_HANDLERS exports as `handlers`. */
export type Handlers = Readonly<Record<string, TaskHandler>>;

/** How the tasks of one event type are run; what that module may export as `settings`, by event type. */
export interface HandlerSettings {
  /** A time limit of its own, instead of HANDLER_TIMEOUT. */
  readonly timeoutSeconds?: number;
  /** At most so many at once in each worker process. */
  readonly concurrency?: number;
  /** At most `max` starts in each window of so many seconds, over all worker processes. */
  readonly rate?: { readonly max: number; readonly seconds: number };
  /** Run in a thread of its own, for work that would hold the event loop. */
  readonly thread?: boolean;
}

export interface HandlerModule {
  readonly handlers: Handlers;
  readonly settings: Readonly<Record<string, HandlerSettings>>;
  /** Where the module is, for the threads that load it too. */
  readonly url: string;
}
