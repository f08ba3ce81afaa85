import type { PoolState, PoolStats } from './worker-pool.ts';

/** The pool of one queue, with slots of its own. */
export interface QueuePool {
  readonly queue: string;
  readonly pool: { getStats(): PoolStats; close(): Promise<void> };
}

export interface PoolsStats extends PoolStats {
  readonly queues: { readonly queue: string; readonly slots: number; readonly active: number }[];
}

/** The state of all pools is that of the one that is least far. */
const STATES: readonly PoolState[] = ['starting', 'draining', 'stopped', 'running'];

/** The pools of a process, one for each queue that it serves. */
export class WorkerPools {
  readonly #pools: readonly QueuePool[];

  constructor(pools: readonly QueuePool[]) {
    this.#pools = pools;
  }

  /** Returns sums. `last_fetch_timestamp_seconds` is that of the pool that asked for tasks longest ago. */
  getStats(): PoolsStats {
    const all = this.#pools.map(({ queue, pool }) => ({ queue, ...pool.getStats() }));
    const sum = (value: (stats: PoolStats) => number) =>
      all.reduce((total, stats) => total + value(stats), 0);
    const byEventType: Record<string, { succeeded: number; failed: number }> = {};
    for (const { by_event_type } of all) {
      for (const [type, { succeeded, failed }] of Object.entries(by_event_type)) {
        const before = byEventType[type] ?? { succeeded: 0, failed: 0 };
        byEventType[type] = { succeeded: before.succeeded + succeeded, failed: before.failed + failed };
      }
    }
    return {
      state: STATES.find((state) => all.some((stats) => stats.state === state)) ?? 'stopped',
      concurrency_limit: sum((stats) => stats.concurrency_limit),
      active_workers: sum((stats) => stats.active_workers),
      events_processed: sum((stats) => stats.events_processed),
      events_succeeded: sum((stats) => stats.events_succeeded),
      events_failed: sum((stats) => stats.events_failed),
      by_event_type: byEventType,
      last_fetch_timestamp_seconds: Math.min(...all.map((stats) => stats.last_fetch_timestamp_seconds)),
      queues: all.map(({ queue, concurrency_limit, active_workers }) => ({
        queue,
        slots: concurrency_limit,
        active: active_workers,
      })),
    };
  }

  /** Takes no more tasks, and lets those that run end: see `WorkerPool.close`. */
  async close(): Promise<void> {
    await Promise.all(this.#pools.map(({ pool }) => pool.close()));
  }
}
