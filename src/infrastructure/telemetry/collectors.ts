import { readFile } from 'node:fs/promises';
import type { Collector, MetricsRegistry } from '../metrics/registry.ts';
import {
  ACTIVE_TASKS,
  ACTIVE_WORKERS,
  EVENTS_PROCESSED,
  LABEL_OVERFLOW,
  PROCESS_CPU_SECONDS,
  PROCESS_MEMORY_BYTES,
  QUEUE_OLDEST_AGE,
  QUEUE_TASKS,
  REDIS_CONNECTION_UP,
  SERIES,
  WORKER_LAST_FETCH,
  WORKER_SLOTS,
} from './catalogue.ts';

/** Shows whether Redis answers, by a check that is bounded in time. */
export class RedisMetricsCollector implements Collector {
  readonly name = 'redis';
  readonly #service: string;
  readonly #health: { check(): Promise<{ up: boolean }> };
  readonly #up;

  constructor(registry: MetricsRegistry, service: string, health: { check(): Promise<{ up: boolean }> }) {
    this.#service = service;
    this.#health = health;
    this.#up = registry.instrument(REDIS_CONNECTION_UP);
  }

  async collect(): Promise<void> {
    const { up } = await this.#health.check();
    this.#up.set({ service: this.#service }, up ? 1 : 0);
  }
}

/** What this collector reads of the queue. */
export interface QueueState {
  readonly tasks: Readonly<Record<'waiting' | 'active' | 'delayed' | 'dead', number>>;
  readonly oldestAgeSeconds: number;
}

/** Shows the state of the whole queue; its series are absent while it cannot be read. */
export class QueueMetricsCollector implements Collector {
  readonly name = 'queue';
  readonly #labels: { service: string; queue: string };
  readonly #read: () => Promise<QueueState>;
  readonly #active;
  readonly #tasks;
  readonly #oldestAge;

  constructor(
    registry: MetricsRegistry,
    { service, queue, read }: { service: string; queue: string; read: () => Promise<QueueState> },
  ) {
    this.#labels = { service, queue };
    this.#read = read;
    this.#active = registry.instrument(ACTIVE_TASKS);
    this.#tasks = registry.instrument(QUEUE_TASKS);
    this.#oldestAge = registry.instrument(QUEUE_OLDEST_AGE);
  }

  async collect(): Promise<void> {
    try {
      const { tasks, oldestAgeSeconds } = await this.#read();
      this.#active.set({ service: this.#labels.service }, tasks.active);
      for (const [state, count] of Object.entries(tasks)) this.#tasks.set({ ...this.#labels, state }, count);
      this.#oldestAge.set(this.#labels, oldestAgeSeconds);
    } catch (error) {
      for (const gauge of [this.#active, this.#tasks, this.#oldestAge]) gauge.reset();
      throw error;
    }
  }
}

/** What this collector reads of a worker pool: busy slots now, and ended attempts since the start. */
export interface WorkerPoolStats {
  readonly active_workers: number;
  readonly concurrency_limit: number;
  readonly last_fetch_timestamp_seconds: number;
  readonly by_event_type: Readonly<Record<string, { readonly succeeded: number; readonly failed: number }>>;
}

/** Shows a worker pool's own counts, which stay the one source of them. */
export class WorkerPoolCollector implements Collector {
  readonly name = 'worker_pool';
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

/** Shows this process's memory and CPU time. Virtual memory is known on Linux alone, and left out elsewhere. */
export class ProcessMetricsCollector implements Collector {
  readonly name = 'process';
  readonly #service: string;
  readonly #memory;
  readonly #cpu;

  constructor(registry: MetricsRegistry, service: string) {
    this.#service = service;
    this.#memory = registry.instrument(PROCESS_MEMORY_BYTES);
    this.#cpu = registry.instrument(PROCESS_CPU_SECONDS);
  }

  async collect(): Promise<void> {
    const service = this.#service;
    const { rss, vms } = await readMemory();
    this.#memory.set({ service, type: 'rss' }, rss);
    if (vms !== undefined) this.#memory.set({ service, type: 'vms' }, vms);
    const { user, system } = process.cpuUsage();
    this.#cpu.setTotal({ service }, (user + system) / 1e6);
  }
}

/** Shows how many series the registry holds, and which metrics have more label sets than they may. */
export class RegistryCollector implements Collector {
  readonly name = 'registry';
  readonly #registry: MetricsRegistry;
  readonly #service: string;
  readonly #series;
  readonly #overflow;

  constructor(registry: MetricsRegistry, service: string) {
    this.#registry = registry;
    this.#service = service;
    this.#series = registry.instrument(SERIES);
    this.#overflow = registry.instrument(LABEL_OVERFLOW);
  }

  collect(): void {
    const service = this.#service;
    this.#series.set({ service }, this.#registry.seriesCount);
    for (const [metric, count] of this.#registry.overflowCounts) {
      this.#overflow.setTotal({ service, metric }, count);
    }
  }
}

/** Bytes of resident and virtual memory; proc(5) gives them in kB as VmRSS and VmSize. */
export async function readMemory(statusPath = '/proc/self/status'): Promise<{ rss: number; vms?: number }> {
  const status = await readFile(statusPath, 'utf8').catch(() => '');
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const vms = /^VmSize:\s+(\d+) kB$/m.exec(status)?.[1];
  if (rss === undefined || vms === undefined) return { rss: process.memoryUsage.rss() };
  return { rss: Number(rss) * 1024, vms: Number(vms) * 1024 };
}
