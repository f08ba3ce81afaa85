import { setTimeout as sleep } from 'node:timers/promises';
import { DelayedError, isNotConnectionError, type Telemetry, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import type { PoolObserver } from '../infrastructure/metrics/index.ts';
import { QUEUE_NAME, retryDelayMs } from '../shared/queue/queue.ts';
import { RedisHealthChecker } from '../shared/service/health.ts';
import type { Logger } from '../shared/service/logging.ts';
import type { Attempt } from './attempts/attempt.ts';
import { TaskLost } from './attempts/failure.ts';
import { Outcomes } from './attempts/outcomes.ts';
import { runOf } from './attempts/run.ts';
import { checkTask } from './attempts/task-check.ts';
import { TaskRunner } from './attempts/task-runner.ts';
import type { HandlerModule } from './handler.ts';
import { AdmissionControl, Postponement } from './limits/admission.ts';
import { FetchingWorker, isRefusal, type TaskJob } from './recovery/fetching-worker.ts';
import { Quarantine } from './recovery/quarantine.ts';
import { RefusalLog } from './recovery/refusal-log.ts';

export interface WorkerPoolOptions {
  readonly module: HandlerModule;
  readonly service: string;
  readonly concurrency: number;
  readonly prefix: string;
  /** A handler is aborted, and its attempt failed, after this, unless its settings say otherwise. */
  readonly handlerTimeoutMs: number;
  /** At a stop, tasks that still run after this are put back. */
  readonly drainTimeoutMs: number;
  readonly keepCompleted: { age: number; count: number };
  readonly keepDead: { age: number; count: number };
}

export interface WorkerPoolDependencies {
  readonly connection: Redis;
  /** Redis's time: tasks carry it from where they were submitted. */
  readonly clock: { now(): number };
  readonly observer: PoolObserver;
  readonly logger: Logger;
  /** Set where spans are made. */
  readonly telemetry?: Telemetry | undefined;
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
  /** Unix time in seconds at which the queue last answered a request for a task; 0 before the first. */
  readonly last_fetch_timestamp_seconds: number;
}

/** A task that was in progress when a process died runs again at once; at the second time it is under suspicion. */
const STALLS_BEFORE_QUARANTINE = 2;
const QUARANTINE_RETRY_MS = 1_000;

/** Why an attempt ends when the pool stops. */
class PoolStopping extends Error {}

/** Takes tasks from the queue and runs their handlers, a bounded number at once, each task at least once. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #dependencies: WorkerPoolDependencies;
  readonly #worker: FetchingWorker;
  readonly #quarantine: Quarantine;
  readonly #admission: AdmissionControl;
  readonly #runner: TaskRunner;
  readonly #refusals: RefusalLog;
  readonly #running = new Map<string, Attempt>();
  readonly #outcomes: Outcomes;
  #state: PoolState = 'starting';
  #closing: Promise<void> | undefined;

  constructor(options: WorkerPoolOptions, dependencies: WorkerPoolDependencies) {
    const { module, prefix, service, handlerTimeoutMs } = options;
    const { connection, logger, telemetry } = dependencies;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#refusals = new RefusalLog(logger);
    const onRedisError = (error: Error) => this.#noteRedis(error);
    this.#quarantine = new Quarantine(connection, { prefix, onRedisError });
    this.#admission = new AdmissionControl(connection, {
      prefix,
      settings: module.settings,
      onRedisError,
    });
    this.#runner = new TaskRunner({
      module,
      defaultTimeoutMs: handlerTimeoutMs,
      service,
      logger,
      isTraced: telemetry !== undefined,
    });
    this.#outcomes = new Outcomes({ handlers: module.handlers, prefix }, dependencies);
    this.#worker = new FetchingWorker(QUEUE_NAME, (job, token) => this.#process(job, token), {
      connection,
      prefix,
      concurrency: options.concurrency,
      removeOnComplete: options.keepCompleted,
      removeOnFail: options.keepDead,
      ...(telemetry && { telemetry }),
      settings: {
        backoffStrategy: (attempts, _type, _error, job) =>
          retryDelayMs(attempts, (job?.opts?.backoff as { delay?: number } | undefined)?.delay ?? 1_000), // as submitted
      },
    });
    this.#listen();
  }

  getStats(): PoolStats {
    const counts = Object.values(this.#outcomes.byEventType);
    const succeeded = counts.reduce((sum, count) => sum + count.succeeded, 0);
    const failed = counts.reduce((sum, count) => sum + count.failed, 0);
    return {
      state: this.#state,
      concurrency_limit: this.#options.concurrency,
      active_workers: this.#running.size,
      events_processed: succeeded + failed,
      events_succeeded: succeeded,
      events_failed: failed,
      by_event_type: this.#outcomes.byEventType,
      last_fetch_timestamp_seconds: this.#worker.lastFetchMs / 1000,
    };
  }

  /** Takes no more tasks, lets running ones end within the drain limit, and puts the rest back. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  #listen(): void {
    const { logger, observer } = this.#dependencies;
    this.#worker.once('ready', () => {
      if (this.#state === 'starting') this.#state = 'running';
    });
    this.#worker.on('completed', (job) => this.#outcomes.completed(job));
    this.#worker.on('failed', (job, error) => job && this.#outcomes.failed(job, error));
    this.#worker.on('stalled', (id) => {
      observer.stalled();
      logger.warn({ task_id: id }, 'task taken back from a worker that died');
    });
    this.#worker.on('lockRenewalFailed', (ids) => {
      // Two runs at once would be worse than one that is cut short.
      for (const id of ids) this.#running.get(id)?.abort(new TaskLost());
    });
    this.#worker.on('error', (error) => this.#noteRedis(error));
  }

  #noteRedis(error: Error): void {
    // The connection itself tells once when it is lost and once when it is back.
    const isConnected = this.#dependencies.connection.status === 'ready';
    if (isRefusal(error)) this.#refusals.note(error);
    else if (isConnected && isNotConnectionError(error))
      this.#dependencies.logger.warn({ error }, 'worker error');
  }

  async #drain(): Promise<void> {
    this.#state = 'draining';
    const limit = new AbortController();
    const deadline = setTimeout(() => {
      limit.abort();
      this.#dependencies.logger.warn(
        { tasks: this.#running.size },
        'drain limit reached; putting running tasks back',
      );
      for (const attempt of this.#running.values()) attempt.abort(new PoolStopping('The worker pool stops.'));
    }, this.#options.drainTimeoutMs);
    const over = new AbortController();
    await Promise.race([this.#worker.close(), this.#waitingInVain(limit.signal, over.signal)]);
    over.abort();
    clearTimeout(deadline);
    await this.#runner.close();
    this.#state = 'stopped';
  }

  /**
   * Ends when Redis does not answer and nothing runs any more, or the limit is over: BullMQ would wait for Redis, and
   * what it could tell it then, another worker will find out by itself.
   */
  async #waitingInVain(limit: AbortSignal, over: AbortSignal): Promise<void> {
    const redis = new RedisHealthChecker(this.#dependencies.connection);
    while (!over.aborted) {
      await sleep(50, undefined, { ref: false });
      const isIdle = this.#running.size === 0 || limit.aborted;
      if (isIdle && !(await redis.check()).up) return;
    }
  }

  async #process(job: TaskJob, token: string | undefined): Promise<unknown> {
    checkTask(job.name, runOf(job).data.payload, this.#options.module.handlers);
    const isSuspect = job.stalledCounter >= STALLS_BEFORE_QUARANTINE;
    if (!isSuspect && !this.#admission.isLimited(job.name)) return this.#run(job, token);
    const run = () => this.#admission.run(job.name, job.id ?? '', () => this.#run(job, token));
    try {
      if (!isSuspect) return await run();
      let result: unknown;
      const ran = await this.#quarantine.run(job, async () => {
        result = await run();
      });
      if (!ran) throw new Postponement(QUARANTINE_RETRY_MS);
      return result;
    } catch (error) {
      if (error instanceof Postponement) return this.#postpone(job, token, error);
      throw error;
    }
  }

  /** Uses no attempt up, also when Redis would not do it: the stall check finds the task then. */
  async #postpone(
    job: TaskJob,
    token: string | undefined,
    { delayMs, onPostponed }: Postponement,
  ): Promise<never> {
    await job
      .moveToDelayed(Date.now() + Math.ceil(delayMs), token)
      .then(onPostponed, (error: Error) => this.#noteRedis(error));
    throw new DelayedError();
  }

  async #run(job: TaskJob, token: string | undefined): Promise<unknown> {
    const { observer, clock } = this.#dependencies;
    const known = runOf(job);
    const { traceId, data } = known;
    if (job.attemptsMade === 0 && job.stalledCounter === 0) {
      const dueMs = data.due ?? job.timestamp + (job.opts.delay ?? 0);
      observer.waited(job.name, Math.max(0, clock.now() - dueMs) / 1000, traceId);
    }
    const startedAt = performance.now();
    const attempt = this.#runner.start({
      id: job.id ?? '',
      eventType: job.name,
      payload: data.payload ?? null,
      attempt: job.attemptsMade + 1,
      traceparent: data.traceparent,
      tracestate: data.tracestate,
      traceId,
    });
    const id = job.id ?? '';
    this.#running.set(id, attempt);
    try {
      return await attempt.ended;
    } catch (error) {
      if (!(error instanceof PoolStopping)) throw error;
      await job.moveToWait(token).catch((caught: Error) => this.#noteRedis(caught)); // as in #postpone
      throw new WaitingError();
    } finally {
      known.seconds = (performance.now() - startedAt) / 1000;
      if (this.#running.get(id) === attempt) this.#running.delete(id);
    }
  }
}
