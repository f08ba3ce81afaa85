import type { Redis } from 'ioredis';
import type { PoolObserver } from '../../infrastructure/metrics/index.ts';
import { type KeyOf, noteDueTime } from '../../shared/queue/bullmq-schema.ts';
import { UNKNOWN_EVENT_TYPE } from '../../shared/queue/event-types.ts';
import { dataOf, type TaskRecord } from '../../shared/queue/queue.ts';
import type { Logger } from '../../shared/service/logging.ts';
import { traceIdOf } from '../../shared/trace-context.ts';
import type { Handlers } from '../handler.ts';
import { type AttemptFailure, asFailure } from './failure.ts';
import type { TaskIdentity } from './task-scope.ts';

/** Errors that one attempt leaves behind are logged this often, and counted always. */
const MAX_LOGGED_STRAYS = 5;

/** What the run of a handler leaves besides its result or error. */
export interface HandlerRun {
  readonly durationSeconds: number;
  readonly traceId: string | undefined;
}

export interface AttemptReporterOptions {
  readonly handlers: Handlers;
  readonly keyOf: KeyOf;
}

export interface AttemptReporterDependencies {
  readonly connection: Redis;
  /** Redis's time. */
  readonly clock: { now(): number };
  readonly observer: PoolObserver;
  readonly logger: Logger;
}

/**
 * Counts, measures and logs how attempts ended. It is called once Redis has stored the end, so that all numbers agree
 * whatever is lost on the way. `run` is undefined when no handler ran.
 */
export class AttemptReporter {
  /** Attempts since the start, by event type; types without a handler are `unknown`. */
  readonly byEventType: Readonly<Record<string, { succeeded: number; failed: number }>>;
  readonly #handlers: Handlers;
  readonly #keyOf: KeyOf;
  readonly #dependencies: AttemptReporterDependencies;

  constructor({ handlers, keyOf }: AttemptReporterOptions, dependencies: AttemptReporterDependencies) {
    this.#handlers = handlers;
    this.#keyOf = keyOf;
    this.#dependencies = dependencies;
    const types = [...Object.keys(handlers), UNKNOWN_EVENT_TYPE];
    this.byEventType = Object.fromEntries(types.map((type) => [type, { succeeded: 0, failed: 0 }]));
  }

  succeeded(task: TaskRecord, run: HandlerRun | undefined): void {
    const { logger, observer } = this.#dependencies;
    this.#countOf(task).succeeded++;
    if (run) observer.ran(task.name, 'success', run.durationSeconds, run.traceId);
    if (logger.isLevelEnabled('debug')) logger.debug(fieldsOf(task), 'task completed');
  }

  failed(task: TaskRecord, error: AttemptFailure, run: HandlerRun | undefined): void {
    const { logger, observer } = this.#dependencies;
    this.#countOf(task).failed++;
    if (run) observer.ran(task.name, 'failed', run.durationSeconds, run.traceId);
    const fields = { ...fieldsOf(task), attempt: task.attemptsMade, error };
    if (task.finishedOn) {
      observer.dead(this.#labelOf(task), error.reason);
      logger.error(fields, 'task dead');
    } else {
      observer.retried(this.#labelOf(task), error.reason);
      logger.warn(fields, 'attempt failed; the task will be tried again');
      this.#noteRetry(task);
    }
  }

  /** An error that a handler left behind after its attempt. A handler may go on to throw; the count says how often. */
  stray({ id, eventType, traceId }: TaskIdentity, thrown: unknown, count: number): void {
    const { logger, observer } = this.#dependencies;
    observer.stray(eventType);
    if (count > MAX_LOGGED_STRAYS) return;
    logger.error(
      { task_id: id, event_type: eventType, ...(traceId && { trace_id: traceId }), error: asFailure(thrown) },
      'a handler left an error behind that came after its attempt',
    );
  }

  /** Without this note the queue shows too great an age for the task. */
  #noteRetry({ id = '', delay }: TaskRecord): void {
    const { connection, clock } = this.#dependencies;
    noteDueTime(connection, this.#keyOf, id, clock.now() + delay).catch(() => undefined);
  }

  /** The event type as label value: that of a handler, or `unknown`. */
  #labelOf(task: TaskRecord): string {
    return Object.hasOwn(this.#handlers, task.name) ? task.name : UNKNOWN_EVENT_TYPE;
  }

  #countOf(task: TaskRecord) {
    return this.byEventType[this.#labelOf(task)] as { succeeded: number; failed: number }; // each label has one
  }
}

function fieldsOf(task: TaskRecord) {
  const traceId = traceIdOf(dataOf(task).traceparent);
  return { task_id: task.id, event_type: task.name, ...(traceId && { trace_id: traceId }) };
}
