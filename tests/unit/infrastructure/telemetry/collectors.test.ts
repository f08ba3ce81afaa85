import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter } from '../../../../src/infrastructure/metrics/instruments/counter.ts';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/registry.ts';
import {
  QueueMetricsCollector,
  RedisMemoryCollector,
  RedisMetricsCollector,
  RegistryCollector,
  WorkerPoolCollector,
} from '../../../../src/infrastructure/telemetry/collectors.ts';
import { findSample } from '../../../support/http.ts';

async function rendered(registry: MetricsRegistry): Promise<string> {
  return (await registry.render()).body.toString();
}

/** The sample lines of the metric, without HELP and TYPE. */
async function samples(registry: MetricsRegistry, name: string): Promise<string[]> {
  return (await rendered(registry)).split('\n').filter((line) => line.startsWith(`${name}{`));
}

describe('RedisMetricsCollector', () => {
  it('shows 1 while Redis answers and 0 when it does not', async () => {
    const registry = new MetricsRegistry();
    let up = true;
    registry.addCollector(new RedisMetricsCollector(registry, 's', { check: async () => ({ up }) }));
    assert.deepEqual(await samples(registry, 'asdlc_redis_connection_up'), [
      'asdlc_redis_connection_up{service="s"} 1',
    ]);
    up = false;
    assert.deepEqual(await samples(registry, 'asdlc_redis_connection_up'), [
      'asdlc_redis_connection_up{service="s"} 0',
    ]);
  });
});

describe('RedisMemoryCollector', () => {
  it('shows how full Redis is, and no series while that is not known', async () => {
    const registry = new MetricsRegistry();
    let memory: { usedBytes: number; maxBytes: number } | undefined = { usedBytes: 300, maxBytes: 0 };
    registry.addCollector(new RedisMemoryCollector(registry, 's', async () => memory));
    const shown = async () => [
      ...(await samples(registry, 'asdlc_redis_memory_used_bytes')),
      ...(await samples(registry, 'asdlc_redis_memory_max_bytes')),
    ];
    const lines = (used: number, max: number) => [
      `asdlc_redis_memory_used_bytes{service="s"} ${used}`,
      `asdlc_redis_memory_max_bytes{service="s"} ${max}`,
    ];
    assert.deepEqual(await shown(), lines(300, 0));
    memory = undefined;
    assert.deepEqual(await shown(), []);
    memory = { usedBytes: 400, maxBytes: 1000 };
    assert.deepEqual(await shown(), lines(400, 1000));
  });
});

describe('QueueMetricsCollector', () => {
  it('shows the state of the queue, and no series while nobody can read it', async () => {
    const failures: string[] = [];
    const registry = new MetricsRegistry({ onCollectorError: (name) => failures.push(name) });
    const tasks = { waiting: 5, active: 3, delayed: 2, blocked: 4, dead: 1, completed: 9, paused: 4 };
    const unhandled = 6;
    let pausedTypes = [
      { eventType: 'a', tasks: 3 },
      { eventType: 'b', tasks: 1 },
    ];
    let read = async () => ({ tasks, oldestAgeSeconds: 1.5, unhandled, isPaused: true, pausedTypes });
    registry.addCollector(
      new QueueMetricsCollector(registry, { service: 's', queues: [{ queue: 'q', read: () => read() }] }),
    );
    assert.deepEqual(await samples(registry, 'asdlc_active_tasks'), ['asdlc_active_tasks{service="s"} 3']);
    assert.deepEqual(await samples(registry, 'asdlc_queue_tasks'), [
      'asdlc_queue_tasks{service="s",queue="q",state="waiting"} 5',
      'asdlc_queue_tasks{service="s",queue="q",state="active"} 3',
      'asdlc_queue_tasks{service="s",queue="q",state="delayed"} 2',
      'asdlc_queue_tasks{service="s",queue="q",state="blocked"} 4',
      'asdlc_queue_tasks{service="s",queue="q",state="dead"} 1',
      'asdlc_queue_tasks{service="s",queue="q",state="completed"} 9',
      'asdlc_queue_tasks{service="s",queue="q",state="paused"} 4',
    ]);
    const ofType = 'asdlc_queue_paused_type_tasks';
    assert.deepEqual((await samples(registry, ofType)).sort(), [
      `${ofType}{service="s",queue="q",event_type="a"} 3`,
      `${ofType}{service="s",queue="q",event_type="b"} 1`,
    ]);
    pausedTypes = [];
    assert.deepEqual(await samples(registry, ofType), []);
    const age = 'asdlc_queue_oldest_age_seconds{service="s",queue="q"} 1.5';
    assert.deepEqual(await samples(registry, 'asdlc_queue_oldest_age_seconds'), [age]);
    const name = 'asdlc_queue_unhandled_tasks';
    assert.deepEqual(await samples(registry, name), [`${name}{service="s",queue="q"} 6`]);
    const paused = 'asdlc_queue_paused{service="s",queue="q"} 1';
    assert.deepEqual(await samples(registry, 'asdlc_queue_paused'), [paused]);
    read = () => Promise.reject(new Error('away'));
    for (const name of [
      'asdlc_active_tasks',
      'asdlc_queue_tasks',
      'asdlc_queue_oldest_age_seconds',
      'asdlc_queue_unhandled_tasks',
      'asdlc_queue_paused',
      ofType,
    ]) {
      assert.deepEqual(await samples(registry, name), []);
    }
    assert.deepEqual(failures, Array(6).fill('queue'));
  });
});

describe('WorkerPoolCollector', () => {
  it("shows the pool's own counts at each scrape", async () => {
    const registry = new MetricsRegistry();
    const counts = { echo: { succeeded: 2, failed: 1 }, unknown: { succeeded: 0, failed: 0 } };
    const pool = {
      getStats: () => ({
        active_workers: 4,
        concurrency_limit: 10,
        last_fetch_timestamp_seconds: 17.5,
        by_event_type: counts,
      }),
    };
    registry.addCollector(new WorkerPoolCollector(registry, 's', pool));
    await rendered(registry);
    counts.echo.succeeded = 5;
    const text = await rendered(registry);
    const processed = (event_type: string, status: string) =>
      findSample(text, 'asdlc_events_processed_total', { service: 's', event_type, status });
    assert.equal(findSample(text, 'asdlc_active_workers', { service: 's' }), 4);
    assert.equal(findSample(text, 'asdlc_worker_slots', { service: 's', state: 'busy' }), 4);
    assert.equal(findSample(text, 'asdlc_worker_slots', { service: 's', state: 'idle' }), 6);
    assert.equal(findSample(text, 'asdlc_worker_last_fetch_timestamp_seconds', { service: 's' }), 17.5);
    assert.deepEqual([processed('echo', 'success'), processed('echo', 'failed')], [5, 1]);
    assert.deepEqual([processed('unknown', 'success'), processed('unknown', 'failed')], [0, 0]);
  });
});

describe('RegistryCollector', () => {
  it('shows the number of series, and the metrics with too many label sets', async () => {
    const registry = new MetricsRegistry();
    registry.addCollector(new RegistryCollector(registry, 's'));
    const options = { name: 'a_total', help: 'As.', labelNames: ['x'] as const, maxSeries: 2 };
    const counter = new Counter({ ...options, registers: [registry] });
    for (const x of ['1', '2', '3', '4']) counter.inc({ x });
    await rendered(registry);
    const text = await rendered(registry);
    assert.equal(
      findSample(text, 'asdlc_metrics_label_overflow_total', { service: 's', metric: 'a_total' }),
      2,
    );
    assert.equal(findSample(text, 'a_total', { x: '_overflow' }), 2);
    // As: 2 and the overflow; the series gauge; the collector's errors; the overflow of these three and its own.
    assert.equal(findSample(text, 'asdlc_metrics_series', { service: 's' }), 9);
    assert.equal(
      findSample(text, 'asdlc_metrics_collector_errors_total', { service: 's', collector: 'registry' }),
      0,
    );
    assert.equal(
      findSample(text, 'asdlc_metrics_label_overflow_total', {
        service: 's',
        metric: 'asdlc_metrics_series',
      }),
      0,
    );
  });
});
