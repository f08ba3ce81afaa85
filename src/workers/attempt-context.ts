import type { Logger } from '../shared/logging.ts';
import type { TaskContext } from './handler.ts';

export type AttemptInput = Omit<TaskContext, 'signal' | 'logger'> & { readonly traceId: string | undefined };

/** What a handler gets. A class for its one getter: in an object literal it would take a microsecond of each task. */
export class AttemptContext implements TaskContext {
  readonly id: string;
  readonly eventType: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
  readonly signal: AbortSignal;
  readonly #traceId: string | undefined;
  readonly #parent: Logger;
  #logger: Logger | undefined;

  constructor(input: AttemptInput, signal: AbortSignal, parent: Logger) {
    this.id = input.id;
    this.eventType = input.eventType;
    this.payload = input.payload;
    this.attempt = input.attempt;
    this.traceparent = input.traceparent;
    this.tracestate = input.tracestate;
    this.signal = signal;
    this.#traceId = input.traceId;
    this.#parent = parent;
  }

  /** Made when it is asked for: most handlers write nothing. */
  get logger(): Logger {
    this.#logger ??= this.#parent.child({
      task_id: this.id,
      event_type: this.eventType,
      ...(this.#traceId && { trace_id: this.#traceId }),
    });
    return this.#logger;
  }
}
