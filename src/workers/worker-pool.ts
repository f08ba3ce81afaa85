import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  DelayedError,
  isNotConnectionError,
  type Job,
  UnrecoverableError,
  WaitingError,
  Worker,
} from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../shared/logging.ts';
import { QUEUE_NAME, type TaskData } from '../shared/queue.ts';
import type { Handlers, TaskHandler } from './handler.ts';
import { Quarantine } from './quarantine.ts';

type TaskJob = Job<TaskData, unknown, string>;

export interface WorkerPoolOptions {
  readonly handlers: Handlers;
  readonly concurrency: number;
  readonly prefix: string;
  /** A handler is aborted, and its attempt failed, after this. */
  readonly handlerTimeoutMs: number;
  /** At a stop, tasks that still run after this are put back. */
  readonly drainTimeoutMs: number;
  readonly keepCompleted: { age: number; count: number };
  readonly keepDead: { age: number; count: number };
}

/** `starting` until Redis answers first; then `running`, `draining` (takes no more) and `stopped`. */
export type PoolState = 'starting' | 'running' | 'draining' | 'stopped';

export interface PoolStats {
  readonly state: PoolState;
  readonly concurrency_limit: number;
  readonly active_workers: number;
  /** Attempts that ended: succeeded and failed together. */
  readonly events_processed: number;
  readonly events_succeeded: number;
  readonly events_failed: number;
  /** By event type; types without a handler are `unknown`. */
  readonly by_event_type: Readonly<Record<string, { succeeded: number; failed: number }>>;
}

/**
 * BullMQ's defaults take a minute to give a killed worker's tasks to another; these take about seven seconds.
 * A task may stall any number of times, since the quarantine decides which one is to blame.
 */
const RECOVERY = {
  lockDuration: 6_000,
  stalledInterval: 2_500,
  maxStalledCount: 1_000_000,
  runRetryDelay: 500,
};
/** A task that was in progress when a process died runs again at once; at the second time it is under suspicion. */
const STALLS_BEFORE_QUARANTINE = 2;
const QUARANTINE_RETRY_MS = 1_000;

/** Why a handler's signal aborts when the pool stops. */
class PoolStopping extends Error {}

/** Takes tasks from the queue and runs their handlers, a bounded number at once, each task at least once. */
export class WorkerPool {
  readonly #connection: Redis;
  readonly #options: WorkerPoolOptions;
  readonly #logger: Logger;
  readonly #worker: Worker<TaskData, unknown, string>;
  readonly #quarantine: Quarantine;
  readonly #running = new Set<AbortController>();
  readonly #counts: Record<string, { succeeded: number; failed: number }>;
  #state: PoolState = 'starting';
  #closing: Promise<void> | undefined;

  constructor(connection: Redis, options: WorkerPoolOptions, logger: Logger) {
    this.#connection = connection;
    this.#options = options;
    this.#logger = logger;
    this.#quarantine = new Quarantine(connection, options.prefix);
    const types = [...Object.keys(options.handlers), 'unknown'];
    this.#counts = Object.fromEntries(types.map((type) => [type, { succeeded: 0, failed: 0 }]));
    this.#worker = new Worker(QUEUE_NAME, (job, token) => this.#process(job, token), {
      ...RECOVERY,
      connection,
      prefix: options.prefix,
      concurrency: options.concurrency,
      removeOnComplete: options.keepCompleted,
      removeOnFail: options.keepDead,
    });
    this.#worker.once('ready', () => {
      if (this.#state === 'starting') this.#state = 'running';
    });
    this.#worker.on('completed', (job) => this.#completed(job));
    this.#worker.on('failed', (job, error) => job && this.#failed(job, error));
    this.#worker.on('stalled', (id) =>
      logger.warn({ task_id: id }, 'task taken back from a worker that died'),
    );
    this.#worker.on('error', (error) => {
      // The connection itself tells once when it is lost and once when it is back.
      if (isNotConnectionError(error)) logger.warn({ error }, 'worker error');
    });
  }

  getStats(): PoolStats {
    const counts = Object.values(this.#counts);
    const succeeded = counts.reduce((sum, count) => sum + count.succeeded, 0);
    const failed = counts.reduce((sum, count) => sum + count.failed, 0);
    return {
      state: this.#state,
      concurrency_limit: this.#options.concurrency,
      active_workers: this.#running.size,
      events_processed: succeeded + failed,
      events_succeeded: succeeded,
      events_failed: failed,
      by_event_type: this.#counts,
    };
  }

  /** Takes no more tasks, lets running ones end within the drain limit, and puts the rest back. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    this.#state = 'draining';
    const limit = new AbortController();
    const deadline = setTimeout(() => {
      limit.abort();
      this.#logger.warn({ tasks: this.#running.size }, 'drain limit reached; putting running tasks back');
      for (const controller of this.#running) controller.abort(new PoolStopping('The worker pool stops.'));
    }, this.#options.drainTimeoutMs);
    await Promise.race([this.#worker.close(), this.#waitingInVain(limit.signal)]);
    clearTimeout(deadline);
    this.#state = 'stopped';
  }

  /**
   * Ends while Redis is away and nothing runs any more, or the limit is over: BullMQ would wait for Redis, and what
   * it could tell it then, another worker will find out by itself.
   */
  async #waitingInVain(limit: AbortSignal): Promise<void> {
    const isIdle = () => this.#running.size === 0 || limit.aborted;
    while (this.#connection.status === 'ready' || !isIdle()) await sleep(50, undefined, { ref: false });
  }

  async #process(job: TaskJob, token: string | undefined): Promise<unknown> {
    const handler = this.#handler(job.name);
    if (!handler) {
      throw new UnrecoverableError(
        `No handler for the event type ${JSON.stringify(job.name)} in this worker.`,
      );
    }
    if (job.stalledCounter < STALLS_BEFORE_QUARANTINE) return this.#run(job, handler, token);
    let result: unknown;
    const ran = await this.#quarantine.run(job, async () => {
      result = await this.#run(job, handler, token);
    });
    if (ran) return result;
    await job.moveToDelayed(Date.now() + QUARANTINE_RETRY_MS, token);
    throw new DelayedError();
  }

  /** One attempt. It ends at its limit even when the handler does not heed its signal. */
  async #run(job: TaskJob, handler: TaskHandler, token: string | undefined): Promise<unknown> {
    const { handlerTimeoutMs } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const timer = setTimeout(
      () => controller.abort(new Error(`The handler did not end within ${handlerTimeoutMs / 1000} s.`)),
      handlerTimeoutMs,
    );
    this.#running.add(controller);
    try {
      return await Promise.race([call(handler, job, signal, this.#logger), aborted]);
    } catch (error) {
      if (!(signal.reason instanceof PoolStopping)) throw asError(error);
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      clearTimeout(timer);
      this.#running.delete(controller);
    }
  }

  #handler(eventType: string): TaskHandler | undefined {
    return Object.hasOwn(this.#options.handlers, eventType) ? this.#options.handlers[eventType] : undefined;
  }

  #count(job: TaskJob) {
    const type = this.#handler(job.name) ? job.name : 'unknown';
    return this.#counts[type] as { succeeded: number; failed: number }; // one for each handler, and unknown
  }

  #completed(job: TaskJob): void {
    this.#count(job).succeeded++;
    this.#logger.debug({ task_id: job.id, event_type: job.name }, 'task completed');
  }

  #failed(job: TaskJob, error: Error): void {
    this.#count(job).failed++;
    const fields = { task_id: job.id, event_type: job.name, attempt: job.attemptsMade, error };
    if (job.finishedOn) this.#logger.error(fields, 'task dead');
    else this.#logger.warn(fields, 'task failed; it will be tried again');
  }
}

async function call(
  handler: TaskHandler,
  job: TaskJob,
  signal: AbortSignal,
  logger: Logger,
): Promise<unknown> {
  const id = job.id ?? '';
  return handler({
    id,
    eventType: job.name,
    payload: job.data.payload ?? null,
    attempt: job.attemptsMade + 1,
    signal,
    logger: logger.child({ task_id: id, event_type: job.name }),
  });
}

/** What a handler threw, as an Error: BullMQ leaves a task active that failed with undefined. */
function asError(thrown: unknown): Error {
  const error =
    thrown instanceof Error ? thrown : new Error(`The handler threw ${inspect(thrown, { depth: 1 })}.`);
  return 'retryable' in error && error.retryable === false ? new UnrecoverableError(error.message) : error;
}
