import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import * as promClient from 'prom-client';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Histogram } from '../../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
// biome-ignore lint/suspicious/noShadowRestrictedNames: modules have no such global.
import { expectMetrics, valueOf } from '../../../../../src/infrastructure/metrics/testing/assertions.ts';

function createRegistry() {
  const registry = new MetricsRegistry();
  const registers = [registry];
  const labelNames = ['queue', 'kind'] as const;
  const jobs = new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames, registers });
  const seconds = new Histogram({ name: 'job_seconds', help: 'Time.', buckets: [1], registers });
  return { registry, jobs, seconds };
}

test('reads the value of the one series that has the labels', async () => {
  const { registry, jobs, seconds } = createRegistry();
  jobs.inc({ queue: 'a', kind: 'mail' }, 2);
  jobs.inc({ queue: 'b' }, 3);
  seconds.observe(0.5);
  assert.equal(await valueOf(registry, 'jobs_total', { kind: 'mail' }), 2);
  assert.equal(await valueOf(registry, 'jobs_total', { queue: 'b', kind: undefined }), 3);
  assert.equal(await valueOf(registry, 'jobs_total', { queue: 'c' }), undefined);
  assert.equal(await valueOf(registry, 'job_seconds_count'), 1);
  assert.equal(await valueOf(registry, 'job_seconds_bucket', { le: 1 }), 1);
});

test('says which metrics and series there are when the name or the labels do not fit', async () => {
  const { registry, jobs } = createRegistry();
  assert.equal(await valueOf(registry, 'jobs_total'), undefined);
  jobs.inc({ queue: 'a' });
  jobs.inc({ queue: 'b' });
  await assert.rejects(valueOf(registry, 'job_total'), {
    message: 'expected a metric with samples named job_total; got jobs_total, job_seconds',
  });
  await assert.rejects(valueOf(registry, 'jobs_total'), {
    message: /^expected labels of one series of jobs_total; got jobs_total\{queue="a".*jobs_total\{queue="b"/,
  });
});

test('accepts what a registry exposes in any order, with or without headers', async () => {
  const { registry, jobs, seconds } = createRegistry();
  jobs.inc({ queue: 'a', kind: 'x' });
  jobs.inc({ queue: 'b', kind: 'x' });
  seconds.observe(2);
  await expectMetrics(
    registry,
    `
    # TYPE job_seconds histogram
    # HELP job_seconds Time.
    job_seconds_bucket{le="1"} 0
    job_seconds_bucket{le="+Inf"} 1
    job_seconds_sum 2
    job_seconds_count 1

    jobs_total{kind="x",queue="b"} 1
    jobs_total{queue="a",kind="x"} 1
  `,
  );
  await expectMetrics(registry, 'jobs_total{kind="x",queue="a"} 1\njobs_total{queue="b",kind="x"} 1', [
    'jobs_total',
  ]);
});

test('marks each line that is missing or was not expected', async () => {
  const { registry, jobs } = createRegistry();
  jobs.inc({ queue: 'a', kind: 'x' }, 5);
  jobs.inc({ queue: 'b', kind: 'x' });
  const text = `
    # HELP jobs_total Tasks.
    # TYPE jobs_total counter
    jobs_total{queue="a",kind="x"} 4
    jobs_total{queue="c",kind="x"} 1
  `;
  await assert.rejects(expectMetrics(registry, text, ['jobs_total']), {
    name: 'AssertionError',
    message: `expected these metrics (- missing, + not expected):
+ # HELP jobs_total Jobs.
  # TYPE jobs_total counter
- jobs_total{kind="x",queue="a"} 4
+ jobs_total{kind="x",queue="a"} 5
+ jobs_total{kind="x",queue="b"} 1
- # HELP jobs_total Tasks.
- jobs_total{kind="x",queue="c"} 1`,
  });
  await assert.rejects(expectMetrics(registry, 'jobs_total 1 2 3'), {
    message: 'line 1: expected the end of the line at column 16; got "3"',
  });
});

test('works with OpenMetrics and with registries of the client and of prom-client', async () => {
  const ours = new MetricsRegistry({ contentType: client.Registry.OPENMETRICS_CONTENT_TYPE });
  const registries = [ours, new client.Registry(), new promClient.Registry()] as const;
  new Counter({ name: 'c_total', help: 'C.', registers: [ours] }).inc();
  new client.Counter({ name: 'c_total', help: 'C.', registers: [registries[1]] }).inc();
  new promClient.Counter({ name: 'c_total', help: 'C.', registers: [registries[2]] }).inc();
  for (const registry of registries) {
    assert.equal(await valueOf(registry, 'c_total'), 1);
    const name = registry === ours ? 'c' : 'c_total';
    await expectMetrics(registry, `# HELP ${name} C.\n# TYPE ${name} counter\nc_total 1`, [name]).catch(
      (error: Error) => {
        // OpenMetrics also has the time at which the series began.
        assert.equal(registry, ours);
        assert.match(error.message, /^\+ c_created \d/m);
      },
    );
  }
});
