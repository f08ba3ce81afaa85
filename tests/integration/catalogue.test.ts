import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { METRIC_DEFINITIONS } from '../../src/infrastructure/telemetry/catalogue.ts';
import { openEvents } from '../support/event-stream.ts';
import { findSample, request, runTask, sample } from '../support/http.ts';
import { knownLabelSets } from '../support/known-label-sets.ts';
import { startOrchestrator, startRedis, startWorkers } from '../support/processes.ts';
import type { Scope } from '../support/scope.ts';
import { until } from '../support/until.ts';

/** Metrics of one service only. Both services expose all others. */
const ONLY_IN: Record<string, string> = {
  asdlc_events_enqueued_total: 'asdlc-orchestrator',
  asdlc_state_changes_total: 'asdlc-orchestrator',
  asdlc_event_listeners: 'asdlc-orchestrator',
  asdlc_event_streams_ended_total: 'asdlc-orchestrator',
  asdlc_schedule_runs_total: 'asdlc-orchestrator',
  asdlc_schedule_missed_total: 'asdlc-orchestrator',
  asdlc_schedule_lateness_seconds: 'asdlc-orchestrator',
  asdlc_events_processed_total: 'asdlc-workers',
  asdlc_event_wait_seconds: 'asdlc-workers',
  asdlc_event_duration_seconds: 'asdlc-workers',
  asdlc_event_retries_total: 'asdlc-workers',
  asdlc_events_dead_total: 'asdlc-workers',
  asdlc_events_stalled_total: 'asdlc-workers',
  asdlc_handler_stray_errors_total: 'asdlc-workers',
  asdlc_queue_entries_removed_total: 'asdlc-workers',
  asdlc_active_workers: 'asdlc-workers',
  asdlc_worker_slots: 'asdlc-workers',
  asdlc_worker_last_fetch_timestamp_seconds: 'asdlc-workers',
};
/** Metrics that never change. The services' labels are bounded: a unit test of its collector covers the overflow. */
const CONSTANT = new Set(['asdlc_service_info', 'asdlc_build_info', 'asdlc_metrics_label_overflow_total']);

/** Metrics of the query API and of webhooks. The tests of these cover them. */
const HAS_OWN_TESTS = /^asdlc_(query|webhook)_/;

describe('the metric catalogue on the running system', () => {
  it('is exposed by the right services, and each metric changes when its event happens', async (t) => {
    const redis = await startRedis(t);
    const env = { REDIS_URL: redis.url, TASK_RETRY_DELAY: '0.05' };
    const orchestrator = (await startOrchestrator(t, env)).url;
    const doomed = await startWorkers(t, env);
    await runTask(orchestrator, { event_type: 'slow', payload: { ms: 1_000 } }, ['active']);
    await doomed.stop('SIGKILL');
    const workers = (await startWorkers(t, env)).url;
    const urls = [orchestrator, workers];
    const looks: Map<string, string>[] = [];
    const look = async () => {
      const seen = new Map<string, string>();
      for (const url of urls) {
        const { body } = await request(`${url}/metrics`);
        for (const line of body.split('\n')) {
          const [, name, service] = /^(asdlc_\w+)\{service="([^"]+)"/.exec(line) ?? [];
          if (name === undefined) continue;
          const key = `${service} ${name.replace(/_(bucket|sum|count)$/, '')}`;
          seen.set(key, `${seen.get(key) ?? ''}${line}\n`);
        }
      }
      looks.push(seen);
    };

    await look();
    await checkKnownSeries(urls);
    const operations = await redisOperations(urls);
    await runTask(orchestrator, { event_type: 'echo' });
    await runTask(orchestrator, { event_type: 'fail', max_attempts: 2 });
    await runTask(orchestrator, { event_type: 'stray' });
    await request(`${orchestrator}/api/schedules/late`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ every_ms: 3_600_000, event_type: 'echo' }),
    });
    const admin = new Redis(redis.url);
    await admin.zadd('{asdlc}:tasks:asdlc:schedules', '3600000', 'late');
    await until('a schedule has missed due times', async () => {
      return Number(await sample(orchestrator, 'asdlc_schedule_missed_total')) > 0;
    });
    await admin.rpush('{asdlc}:tasks:wait', 'vanished');
    await admin.hset('{asdlc}:tasks:asdlc:paused-types', 'not.handled', '1:nobody');
    admin.disconnect();
    await runTask(orchestrator, { event_type: 'slow', payload: { ms: 600 } }, ['active']);
    const stream = await openEvents(`${orchestrator}/api/events`);
    const unfinished = urls.map((url) => beginRequest(t, url));
    await until('requests are in progress', async () => {
      const counts = await Promise.all(urls.map((url) => sample(url, 'asdlc_http_requests_in_progress')));
      return counts.every((count) => count === 1);
    });
    await look();
    for (const socket of unfinished) socket.destroy();
    stream.close();
    await request(`${workers}/stats`);
    await until('the task of the killed worker counts as stalled', async () => {
      return Number(await sample(workers, 'asdlc_events_stalled_total')) > 0;
    });
    await redis.stop('SIGKILL');
    await until(
      'the workers see that Redis is down',
      async () => (await sample(workers, 'asdlc_redis_connection_up')) === 0,
    );
    await look();
    await startRedis(t, redis.port, ['--maxmemory-policy', 'allkeys-lru']);
    await until('both are connected again, and see that it evicts', async () => {
      const evicts = { finding: 'maxmemory_policy' };
      const counts = await Promise.all(
        urls.flatMap((url) => [
          sample(url, 'asdlc_redis_reconnects_total'),
          sample(url, 'asdlc_redis_misconfigured', evicts),
        ]),
      );
      return counts.every((count) => Number(count) > 0);
    });
    await look();
    assert.deepEqual(await redisOperations(urls), operations, 'each command was known at the start');

    for (const { name } of METRIC_DEFINITIONS) {
      if (HAS_OWN_TESTS.test(name)) continue;
      for (const service of ['asdlc-orchestrator', 'asdlc-workers']) {
        const states = new Set(looks.map((seen) => seen.get(`${service} ${name}`) ?? ''));
        const belongs = (ONLY_IN[name] ?? service) === service;
        assert.equal([...states].some(Boolean), belongs, `${service} exposes ${name}: expected ${belongs}`);
        assert.equal(states.size > 1, belongs && !CONSTANT.has(name), `${name} of ${service} moves`);
      }
    }
  });
});

/** A series that began with its first event would hide that event from `increase`. */
async function checkKnownSeries([orchestrator = '', workers = '']: readonly string[]): Promise<void> {
  await until('the orchestrator knows the event types of the workers', async () => {
    const labels = { event_type: 'echo', result: 'accepted' };
    return (await sample(orchestrator, 'asdlc_events_enqueued_total', labels)) !== undefined;
  });
  const texts = { 'asdlc-orchestrator': orchestrator, 'asdlc-workers': workers };
  for (const [service, url] of Object.entries(texts)) {
    const { body } = await request(`${url}/metrics`);
    for (const entry of METRIC_DEFINITIONS) {
      if ((entry.type !== 'counter' && entry.type !== 'histogram') || HAS_OWN_TESTS.test(entry.name))
        continue;
      if ((ONLY_IN[entry.name] ?? service) !== service) continue;
      const name = entry.type === 'histogram' ? `${entry.name}_count` : entry.name;
      for (const labels of knownLabelSets(entry, { service, event_type: ['echo', 'slow', 'unknown'] })) {
        assert.notEqual(findSample(body, name, labels), undefined, `${name} ${JSON.stringify(labels)}`);
      }
    }
  }
}

/** The commands whose errors each service counts. */
async function redisOperations(urls: readonly string[]): Promise<string[][]> {
  const bodies = await Promise.all(urls.map(async (url) => (await request(`${url}/metrics`)).body as string));
  return bodies.map((body) =>
    [...body.matchAll(/^asdlc_redis_errors_total\{.*operation="(\w+)"/gm)]
      .map((match) => match[1] ?? '')
      .toSorted(),
  );
}

/** Sends a request whose announced body never comes, so that it stays in progress. */
function beginRequest(scope: Scope, url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  scope.after(() => socket.destroy());
  socket.write(
    'POST /api/tasks HTTP/1.1\r\nHost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n',
  );
  return socket;
}
