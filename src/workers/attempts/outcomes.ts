import type { Redis } from 'ioredis';
import type { PoolObserver } from '../../infrastructure/metrics/index.ts';
import { noteDueTime } from '../../shared/queue/due-time.ts';
import { UNKNOWN_EVENT_TYPE } from '../../shared/queue/event-types.ts';
import type { Logger } from '../../shared/service/logging.ts';
import type { Handlers } from '../handler.ts';
import type { TaskJob } from '../recovery/fetching-worker.ts';
import { reasonOf } from './failure.ts';
import { runOf } from './run.ts';

export interface OutcomesOptions {
  readonly handlers: Handlers;
  readonly prefix: string;
}

export interface OutcomesDependencies {
  readonly connection: Redis;
  /** Redis's time. */
  readonly clock: { now(): number };
  readonly observer: PoolObserver;
  readonly logger: Logger;
}

/** Counts, shows and logs how attempts ended, once Redis has stored it. */
export class Outcomes {
  /** Since the start; types without a handler are `unknown`. */
  readonly byEventType: Readonly<Record<string, { succeeded: number; failed: number }>>;
  readonly #options: OutcomesOptions;
  readonly #dependencies: OutcomesDependencies;

  constructor(options: OutcomesOptions, dependencies: OutcomesDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const types = [...Object.keys(options.handlers), UNKNOWN_EVENT_TYPE];
    this.byEventType = Object.fromEntries(types.map((type) => [type, { succeeded: 0, failed: 0 }]));
  }

  completed(job: TaskJob): void {
    this.#count(job).succeeded++;
    this.#observeRun(job, 'success');
    const { logger } = this.#dependencies;
    if (logger.isLevelEnabled('debug')) logger.debug(this.#line(job), 'task completed');
  }

  failed(job: TaskJob, error: Error): void {
    const { logger, observer, clock, connection } = this.#dependencies;
    this.#count(job).failed++;
    this.#observeRun(job, 'failed');
    const line = { ...this.#line(job), attempt: job.attemptsMade, error };
    if (job.finishedOn) {
      observer.dead(this.#label(job), reasonOf(error));
      logger.error(line, 'task dead');
    } else {
      observer.retried(this.#label(job), reasonOf(error));
      logger.warn(line, 'task failed; it will be tried again');
      const dueMs = clock.now() + job.delay;
      noteDueTime(connection, this.#options.prefix, job.id ?? '', dueMs).catch(() => undefined); // or its age is too great
    }
  }

  /** The event type as label value: of one of the handlers, or `unknown`. */
  #label(job: TaskJob): string {
    return Object.hasOwn(this.#options.handlers, job.name) ? job.name : UNKNOWN_EVENT_TYPE;
  }

  #count(job: TaskJob) {
    return this.byEventType[this.#label(job)] as { succeeded: number; failed: number }; // one for each handler, and unknown
  }

  /** Once the run's end is stored, as it is counted then: the two agree whatever is lost on the way. */
  #observeRun(job: TaskJob, status: 'success' | 'failed'): void {
    const { seconds, traceId } = runOf(job);
    if (seconds === undefined) return; // there was no handler to run, or it was not let
    this.#dependencies.observer.ran(job.name, status, seconds, traceId);
  }

  #line(job: TaskJob) {
    const { traceId } = runOf(job);
    return { task_id: job.id, event_type: job.name, ...(traceId && { trace_id: traceId }) };
  }
}
