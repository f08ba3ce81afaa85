import type { Logger } from '../shared/logging.ts';

/** What a handler is given for one attempt at a task. */
export interface TaskContext {
  readonly id: string;
  readonly eventType: string;
  readonly payload: unknown;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborts at the handler's time limit and when the process must stop: pass it on to what you await. */
  readonly signal: AbortSignal;
  /** Writes lines that carry the task's id and event type. */
  readonly logger: Logger;
}

/**
 * Processes one attempt; what it returns (JSON) is kept as the task's result, what it throws as its error.
 * Delivery is at least once: a handler must bear being run again for the same id.
 */
export type TaskHandler = (task: TaskContext) => unknown;

/** Handlers by event type; what the module named by WORKER_HANDLERS exports as `handlers`. */
export type Handlers = Readonly<Record<string, TaskHandler>>;
