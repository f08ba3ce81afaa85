import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Counter } from '../../../../src/infrastructure/metrics/instruments/counter.ts';
import { Gauge } from '../../../../src/infrastructure/metrics/instruments/gauge.ts';
import { Histogram } from '../../../../src/infrastructure/metrics/instruments/histogram.ts';
import { MetricsRegistry } from '../../../../src/infrastructure/metrics/registry.ts';
import { METRIC_DEFINITIONS } from '../../../../src/infrastructure/telemetry/catalogue.ts';
import { createServiceMetrics } from '../../../../src/infrastructure/telemetry/service-metrics.ts';
import { checkMetrics } from '../../../support/promtool.ts';

describe('the exposition of the catalogue', () => {
  it('has HELP and TYPE once for each metric, and passes promtool', async () => {
    const registry = new MetricsRegistry();
    for (const definition of METRIC_DEFINITIONS) {
      const labels = Object.fromEntries(definition.labelNames.map((name) => [name, 'x']));
      const instrument = registry.instrument(definition);
      if (instrument instanceof Histogram) instrument.observe(labels, 0.2);
      else if (instrument instanceof Counter) instrument.inc(labels, 1);
      else if (instrument instanceof Gauge) instrument.set(labels, 1);
    }
    const text = (await registry.render()).body.toString();
    for (const { name, type } of METRIC_DEFINITIONS) {
      assert.equal(text.split(`# HELP ${name} `).length, 2, name);
      assert.ok(text.includes(`# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`), name);
    }
    assert.ok(text.endsWith('\n'));
    assert.deepEqual(await checkMetrics(text), []);
  });

  it("of a new service has its info, its process and Node's own metrics", async () => {
    const { registry } = createServiceMetrics({ service: 's', version: '1.2.3' });
    const text = (await registry.render()).body.toString();
    assert.match(text, /^asdlc_service_info\{service="s",version="1\.2\.3"\} 1$/m);
    assert.match(text, /^asdlc_process_memory_bytes\{service="s",type="rss"\} \d+$/m);
    assert.match(text, /^nodejs_eventloop_lag_p99_seconds\{service="s"\} /m);
    assert.deepEqual(await checkMetrics(text), []);
  });
});
