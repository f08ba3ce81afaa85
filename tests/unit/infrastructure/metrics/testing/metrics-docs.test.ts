import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@prometheus-io/client';
import { Counter } from '../../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../../../../../src/infrastructure/metrics/registry.ts';
import { metricsDocs } from '../../../../../src/infrastructure/metrics/testing/metrics-docs.ts';

test('describes the metrics of this library and of the client by name', () => {
  const registry = new MetricsRegistry();
  const registers = [registry];
  new Counter({ name: 'jobs_total', help: 'Jobs | <b>done</b>\nso far.', labelNames: ['queue'], registers });
  new Gauge({ name: 'depth', help: '# Jobs that wait.', registers });
  new Histogram({ name: 'job_seconds', help: 'Time.', buckets: [0.1, 1], enableExemplars: true, registers });
  new client.Histogram({ name: 'size_bytes', help: 'Size.', buckets: [10], registers });
  new client.Summary({ name: 'wait_seconds', help: 'Wait.', percentiles: [0.5, 0.9], registers });
  assert.equal(
    metricsDocs(registry, { title: 'Metrics of the shop' }),
    `# Metrics of the shop

## depth

\\# Jobs that wait.

gauge

## job_seconds

Time.

histogram · buckets: 0.1, 1 · exemplars

## jobs_total

Jobs \\| \\<b\\>done\\</b\\> so far.

counter · labels: \`queue\`

## size_bytes

Size.

histogram · buckets: 10

## wait_seconds

Wait.

summary · quantiles: 0.5, 0.9
`,
  );
});
