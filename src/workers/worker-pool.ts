import { setTimeout as sleep } from 'node:timers/promises';
import type { Telemetry } from 'bullmq';
import type { Redis } from 'ioredis';
import type { PoolObserver } from '../infrastructure/metrics/index.ts';
import type { WorkersConfig } from '../shared/config.ts';
import { queueKeys } from '../shared/queue/bullmq-schema.ts';
import { listenForCancels } from '../shared/queue/cancels.ts';
import { isConnectionLoss, isRefusal } from '../shared/queue/errors.ts';
import { retryDelayMs } from '../shared/queue/queue.ts';
import { RedisCheck } from '../shared/queue/redis/redis-check.ts';
import type { RefusalLog } from '../shared/queue/redis/refusal-log.ts';
import type { QueueSlots } from '../shared/queue-names.ts';
import { QUEUE_NAME } from '../shared/queue-names.ts';
import type { Logger } from '../shared/service/logging.ts';
import { AttemptReporter } from './attempts/attempt-reporter.ts';
import { createResultReader } from './attempts/child-results.ts';
import { asFailure, TaskLost } from './attempts/failure.ts';
import { TaskNotes } from './attempts/task-notes.ts';
import type { HandlerModule } from './handler.ts';
import { EventTypeLimits } from './limits/event-type-limits.ts';
import { HandlerWait } from './limits/handler-wait.ts';
import { type FirstTurn, firstTurns } from './recovery/first-turns.ts';
import { Quarantine } from './recovery/quarantine.ts';
import { ResilientWorker } from './recovery/resilient-worker.ts';
import { Solitude } from './recovery/solitude.ts';
import { startRetention } from './retention.ts';
import { TaskProcessor } from './task-processor.ts';

export interface WorkerPoolOptions {
  /** The worker's id: BullMQ notes it on each task that the pool takes. */
  readonly id: string;
  readonly module: HandlerModule;
  readonly service: string;
  /** `tasks` by default. */
  readonly queue?: string;
  readonly concurrency: number;
  readonly prefix: string;
  /** After this a handler is aborted and its attempt fails, unless the handler's settings have another limit. */
  readonly handlerTimeoutMs: number;
  /** A task that waits for a handler is dead after this. */
  readonly unknownTypeGraceMs: number;
  /** At a stop, tasks that still run after this go back to the queue. */
  readonly drainTimeoutMs: number;
  readonly keepCompleted: { age: number; count: number };
  readonly keepDead: { age: number; count: number };
}

export function workerPoolOptions(
  id: string,
  config: WorkersConfig,
  module: HandlerModule,
  { queue, slots }: QueueSlots,
): WorkerPoolOptions {
  return {
    id,
    module,
    service: config.SERVICE_NAME,
    prefix: config.QUEUE_PREFIX,
    queue,
    concurrency: slots,
    handlerTimeoutMs: config.HANDLER_TIMEOUT * 1000,
    unknownTypeGraceMs: config.UNKNOWN_TYPE_GRACE * 1000,
    drainTimeoutMs: config.DRAIN_TIMEOUT * 1000,
    keepCompleted: { age: config.COMPLETED_KEEP_SECONDS, count: config.COMPLETED_KEEP_COUNT },
    keepDead: { age: config.DEAD_KEEP_SECONDS, count: config.DEAD_KEEP_COUNT },
  };
}

export interface WorkerPoolDependencies {
  readonly connection: Redis;
  /** For messages alone. The pool works without it, and ends cancelled tasks some seconds later. */
  readonly cancels: Redis;
  /** Of all queues of the process; an own one by default. */
  readonly solitude?: Solitude;
  /** Among the queues of the process; it begins at once by default. */
  readonly firstTurn?: FirstTurn | undefined;
  /** Redis's time: the orchestrator sets the tasks' times by it. */
  readonly clock: { now(): number };
  /** The process's one log of them. */
  readonly refusals: RefusalLog;
  readonly observer: PoolObserver;
  readonly logger: Logger;
  /** Set where spans are made. */
  readonly telemetry?: Telemetry | undefined;
}

/** `starting` until Redis first replies, then `running`; `draining` takes no more tasks; then `stopped`. */
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
  /** Unix time in seconds when the queue last replied to a request for a task; 0 before the first reply. */
  readonly last_fetch_timestamp_seconds: number;
}

/** Takes tasks from one queue and runs their handlers, a limited number at once. Each task runs at least once. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #dependencies: WorkerPoolDependencies;
  readonly #worker: ResilientWorker;
  readonly #processor: TaskProcessor;
  readonly #reporter: AttemptReporter;
  readonly #stopRetention: () => void;
  readonly #stopListening: () => void;
  #state: PoolState = 'starting';
  #closing: Promise<void> | undefined;

  constructor(options: WorkerPoolOptions, dependencies: WorkerPoolDependencies) {
    const { id, module, prefix, service, handlerTimeoutMs, unknownTypeGraceMs: graceMs } = options;
    const { connection, telemetry, clock, observer, logger, solitude = new Solitude() } = dependencies;
    const [atOnce] = firstTurns(1) as [FirstTurn];
    const { queue = QUEUE_NAME } = options;
    const keyOf = queueKeys(prefix, queue);
    this.#options = options;
    this.#dependencies = dependencies;
    this.#reporter = new AttemptReporter({ handlers: module.handlers, keyOf }, dependencies);
    const onRedisError = (error: Error) => this.#noteRedisError(error);
    this.#processor = new TaskProcessor({
      module,
      service,
      handlerTimeoutMs,
      isTraced: telemetry !== undefined,
      limits: new EventTypeLimits(connection, { prefix, keyOf, settings: module.settings, onRedisError }),
      handlerWait: new HandlerWait(connection, { keyOf, graceMs, logger, onRedisError }),
      quarantine: new Quarantine(connection, { prefix, queue, onRedisError }),
      solitude,
      firstTurn: dependencies.firstTurn ?? atOnce,
      notes: new TaskNotes(connection, { keyOf, worker: id, clock, onRedisError }),
      readResults: createResultReader(connection, keyOf),
      clock,
      observer,
      logger,
      onRedisError,
      onStray: (task, thrown, count) => this.#reporter.stray(task, thrown, count),
    });
    this.#worker = createWorker(this.#processor, options, dependencies);
    this.#stopListening = listenForCancels(dependencies.cancels, keyOf, (id) => this.#processor.cancel(id));
    this.#stopRetention = startRetention(connection, {
      keyOf,
      completedKeepSeconds: options.keepCompleted.age,
      deadKeepSeconds: options.keepDead.age,
      onRedisError,
    });
    this.#listen();
  }

  getStats(): PoolStats {
    const counts = Object.values(this.#reporter.byEventType);
    const succeeded = counts.reduce((sum, count) => sum + count.succeeded, 0);
    const failed = counts.reduce((sum, count) => sum + count.failed, 0);
    return {
      state: this.#state,
      concurrency_limit: this.#options.concurrency,
      active_workers: this.#processor.activeCount,
      events_processed: succeeded + failed,
      events_succeeded: succeeded,
      events_failed: failed,
      by_event_type: this.#reporter.byEventType,
      last_fetch_timestamp_seconds: this.#worker.lastFetchMs / 1000,
    };
  }

  /** Takes no more tasks, lets running ones end within the drain limit, and puts the rest back on the queue. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  #listen(): void {
    const { logger, observer } = this.#dependencies;
    this.#worker.once('ready', () => {
      if (this.#state === 'starting') this.#state = 'running';
    });
    this.#worker.on('completed', (task) => this.#reporter.succeeded(task, this.#processor.endedRun(task)));
    this.#worker.on('failed', (task, error) => {
      if (task) this.#reporter.failed(task, asFailure(error), this.#processor.endedRun(task));
    });
    this.#worker.on('stalled', (id) => {
      observer.stalled();
      logger.warn({ task_id: id }, 'task stalled: its worker vanished, and this one took it back');
    });
    this.#worker.on('lockRenewalFailed', (ids) => {
      // Two attempts at once would be worse than one that is cut short.
      for (const id of ids) this.#processor.abort(id, new TaskLost());
    });
    this.#worker.on('error', (error) => this.#noteRedisError(error));
  }

  /** Leaves connection errors out: the connection logs when it is lost and when it is back. */
  #noteRedisError(error: Error): void {
    const isConnected = this.#dependencies.connection.status === 'ready';
    if (isRefusal(error)) this.#dependencies.refusals.note(error);
    else if (isConnected && !isConnectionLoss(error))
      this.#dependencies.logger.warn({ error }, 'worker error');
  }

  async #drain(): Promise<void> {
    this.#state = 'draining';
    this.#stopRetention();
    const limit = new AbortController();
    const deadline = setTimeout(() => {
      limit.abort();
      this.#dependencies.logger.warn(
        { tasks: this.#processor.activeCount },
        'drain limit reached; putting running tasks back on the queue',
      );
      this.#processor.putBackAll();
    }, this.#options.drainTimeoutMs);
    const closed = new AbortController();
    await Promise.race([this.#worker.close(), this.#redisIsNotNeeded(limit.signal, closed.signal)]);
    closed.abort();
    clearTimeout(deadline);
    this.#stopListening();
    await this.#processor.close();
    this.#state = 'stopped';
  }

  /**
   * Resolves when Redis is away and either nothing runs or the drain limit is over. BullMQ's close would wait for Redis
   * to come back; there is no need, since another worker takes the tasks back once they stall.
   */
  async #redisIsNotNeeded(limit: AbortSignal, closed: AbortSignal): Promise<void> {
    const redis = new RedisCheck(this.#dependencies.connection, { prefix: this.#options.prefix });
    while (!closed.aborted) {
      await sleep(50, undefined, { ref: false });
      const isIdle = this.#processor.activeCount === 0 || limit.aborted;
      if (isIdle && !(await redis.check()).up) return;
    }
  }
}

const ENTRY_REMOVED = {
  vanished: 'task lost: a list of the queue names it, but it is not in redis; its entry is removed',
  repeated: 'a list of the queue names a task that runs or has ended; the entry is removed',
} as const;
const DAMAGED_KEYS = 'keys of the queue in redis had a wrong type; each is now at its name with :damaged';

function createWorker(
  processor: TaskProcessor,
  { id, queue = QUEUE_NAME, prefix, concurrency, keepCompleted, keepDead }: WorkerPoolOptions,
  { connection, clock, telemetry, observer, logger }: WorkerPoolDependencies,
): ResilientWorker {
  return new ResilientWorker(queue, processor, {
    name: id,
    connection,
    clock,
    onRemovedEntry: ({ id, reason }) => {
      observer.entryRemoved(reason);
      logger.error({ task_id: id, reason }, ENTRY_REMOVED[reason]);
    },
    onCancelled: (ids) => {
      for (const each of ids) processor.cancel(each);
    },
    onDamagedKeys: (keys) => logger.error({ keys }, DAMAGED_KEYS),
    prefix,
    concurrency,
    removeOnComplete: keepCompleted,
    removeOnFail: keepDead,
    ...(telemetry && { telemetry }),
    settings: {
      backoffStrategy: (attempts, _type, _error, task) =>
        retryDelayMs(attempts, (task?.opts?.backoff as { delay?: number } | undefined)?.delay ?? 1_000), // as submitted
    },
  });
}
