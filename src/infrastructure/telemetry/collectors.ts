import type { Collector } from '../metrics/collection.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { EVENTS_PROCESSED } from './catalogue/events.ts';
import { COLLECTOR_ERRORS, LABEL_OVERFLOW, SERIES } from './catalogue/metrics.ts';
import {
  ACTIVE_TASKS,
  QUEUE_OLDEST_AGE,
  QUEUE_PAUSED,
  QUEUE_PAUSED_TYPE_TASKS,
  QUEUE_TASKS,
  QUEUE_UNHANDLED,
} from './catalogue/queue.ts';
import { REDIS_CONNECTION_UP, REDIS_MEMORY_MAX, REDIS_MEMORY_USED } from './catalogue/redis.ts';
import { ACTIVE_WORKERS, WORKER_LAST_FETCH, WORKER_SLOTS } from './catalogue/workers.ts';

/** Shows whether Redis answers. The check has a time limit of its own. */
export class RedisMetricsCollector implements Collector {
  readonly name = 'redis';
  readonly metrics;
  readonly #service: string;
  readonly #health: { check(): Promise<{ up: boolean }> };
  readonly #up;

  constructor(registry: MetricsRegistry, service: string, health: { check(): Promise<{ up: boolean }> }) {
    this.#service = service;
    this.#health = health;
    this.#up = registry.instrument(REDIS_CONNECTION_UP);
    this.metrics = [this.#up];
  }

  async collect(): Promise<void> {
    const { up } = await this.#health.check();
    this.#up.set({ service: this.#service }, up ? 1 : 0);
  }
}

/** What the collector below reads of Redis, in bytes. A limit of 0 is none. */
export interface RedisMemoryState {
  readonly usedBytes: number;
  readonly maxBytes: number;
}

/** Shows how full Redis is. While that is not known, its metrics are absent. */
export class RedisMemoryCollector implements Collector {
  readonly name = 'redis_memory';
  readonly metrics;
  readonly #service: string;
  readonly #read: () => Promise<RedisMemoryState | undefined>;
  readonly #used;
  readonly #max;

  constructor(registry: MetricsRegistry, service: string, read: () => Promise<RedisMemoryState | undefined>) {
    this.#service = service;
    this.#read = read;
    this.#used = registry.instrument(REDIS_MEMORY_USED);
    this.#max = registry.instrument(REDIS_MEMORY_MAX);
    this.metrics = [this.#used, this.#max];
  }

  async collect(): Promise<void> {
    const memory = await this.#read();
    this.#used.reset();
    this.#max.reset();
    if (memory === undefined) return;
    this.#used.set({ service: this.#service }, memory.usedBytes);
    this.#max.set({ service: this.#service }, memory.maxBytes);
  }
}

/** What the collector below reads of the queue. */
export interface QueueState {
  readonly tasks: Readonly<
    Record<'waiting' | 'active' | 'delayed' | 'blocked' | 'dead' | 'completed' | 'paused', number>
  >;
  readonly oldestAgeSeconds: number;
  readonly unhandled: number;
  readonly isPaused: boolean;
  readonly pausedTypes: readonly { readonly eventType: string; readonly tasks: number }[];
}

/** A queue, and what reads its state. */
export interface ReadableQueue {
  readonly queue: string;
  readonly read: () => Promise<QueueState>;
}

/** Shows the state of whole queues. While nobody can read them, their metrics are absent. */
export class QueueMetricsCollector implements Collector {
  readonly name = 'queue';
  readonly metrics;
  readonly #service: string;
  readonly #queues: readonly ReadableQueue[];
  readonly #active;
  readonly #tasks;
  readonly #oldestAge;
  readonly #unhandled;
  readonly #paused;
  readonly #pausedTypes;

  constructor(
    registry: MetricsRegistry,
    { service, queues }: { service: string; queues: readonly ReadableQueue[] },
  ) {
    this.#service = service;
    this.#queues = queues;
    this.#active = registry.instrument(ACTIVE_TASKS);
    this.#tasks = registry.instrument(QUEUE_TASKS);
    this.#oldestAge = registry.instrument(QUEUE_OLDEST_AGE);
    this.#unhandled = registry.instrument(QUEUE_UNHANDLED);
    this.#paused = registry.instrument(QUEUE_PAUSED);
    this.#pausedTypes = registry.instrument(QUEUE_PAUSED_TYPE_TASKS);
    this.metrics = [
      this.#active,
      this.#tasks,
      this.#oldestAge,
      this.#unhandled,
      this.#paused,
      this.#pausedTypes,
    ];
  }

  async collect(): Promise<void> {
    const states = await Promise.all(this.#queues.map(({ read }) => read()));
    this.#pausedTypes.reset();
    let active = 0;
    for (const [i, { queue }] of this.#queues.entries()) {
      const state = states[i];
      if (state === undefined) continue;
      active += state.tasks.active;
      this.#show({ service: this.#service, queue }, state);
    }
    this.#active.set({ service: this.#service }, active);
  }

  #show(labels: { service: string; queue: string }, state: QueueState): void {
    for (const [name, count] of Object.entries(state.tasks))
      this.#tasks.set({ ...labels, state: name }, count);
    this.#oldestAge.set(labels, state.oldestAgeSeconds);
    this.#unhandled.set(labels, state.unhandled);
    this.#paused.set(labels, state.isPaused ? 1 : 0);
    for (const { eventType, tasks } of state.pausedTypes)
      this.#pausedTypes.set({ ...labels, event_type: eventType }, tasks);
  }
}

/** What the collector below reads of a worker pool: busy slots now, and attempts ended since the start. */
export interface WorkerPoolStats {
  readonly active_workers: number;
  readonly concurrency_limit: number;
  readonly last_fetch_timestamp_seconds: number;
  readonly by_event_type: Readonly<Record<string, { readonly succeeded: number; readonly failed: number }>>;
}

/** Shows the worker pool's own counts. It keeps none itself, so that there is one source of them. */
export class WorkerPoolCollector implements Collector {
  readonly name = 'worker_pool';
  readonly metrics;
  readonly #service: string;
  readonly #pool: { getStats(): WorkerPoolStats };
  readonly #activeWorkers;
  readonly #slots;
  readonly #lastFetch;
  readonly #processed;

  constructor(registry: MetricsRegistry, service: string, pool: { getStats(): WorkerPoolStats }) {
    this.#service = service;
    this.#pool = pool;
    this.#activeWorkers = registry.instrument(ACTIVE_WORKERS);
    this.#slots = registry.instrument(WORKER_SLOTS);
    this.#lastFetch = registry.instrument(WORKER_LAST_FETCH);
    this.#processed = registry.instrument(EVENTS_PROCESSED);
    this.metrics = [this.#activeWorkers, this.#slots, this.#lastFetch, this.#processed];
  }

  collect(): void {
    const service = this.#service;
    const stats = this.#pool.getStats();
    this.#activeWorkers.set({ service }, stats.active_workers);
    this.#slots.set({ service, state: 'busy' }, stats.active_workers);
    this.#slots.set({ service, state: 'idle' }, stats.concurrency_limit - stats.active_workers);
    this.#lastFetch.set({ service }, stats.last_fetch_timestamp_seconds);
    for (const [event_type, { succeeded, failed }] of Object.entries(stats.by_event_type)) {
      this.#processed.setTotal({ service, event_type, status: 'success' }, succeeded);
      this.#processed.setTotal({ service, event_type, status: 'failed' }, failed);
    }
  }
}

/**
 * Shows how many series the registry holds, and which metrics got more label sets than their limit. It creates the error
 * counter of each collector at zero.
 */
export class RegistryCollector implements Collector {
  readonly name = 'registry';
  readonly #registry: MetricsRegistry;
  readonly #service: string;
  readonly #series;
  readonly #overflow;
  readonly #errors;

  constructor(registry: MetricsRegistry, service: string) {
    this.#registry = registry;
    this.#service = service;
    this.#errors = registry.instrument(COLLECTOR_ERRORS);
    this.#series = registry.instrument(SERIES);
    this.#overflow = registry.instrument(LABEL_OVERFLOW);
  }

  collect(): void {
    const service = this.#service;
    this.#errors.createSeries({ service, collector: this.#registry.collectorNames });
    this.#series.set({ service }, this.#registry.seriesCount);
    for (const [metric, count] of this.#registry.overflowCounts) {
      this.#overflow.setTotal({ service, metric }, count);
    }
  }
}
