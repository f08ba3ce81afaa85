import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import * as definitions from '../../../../src/infrastructure/telemetry/catalogue.ts';
import { PANELS } from '../../../../src/infrastructure/telemetry/panels.ts';

const { METRIC_DEFINITIONS } = definitions;

/** Dashboards outside this repository rely on exactly this part of the catalogue. */
const FIXED: Record<string, { type: string; labels: string[]; buckets?: number[] }> = {
  asdlc_service_info: { type: 'info', labels: ['service', 'version'] },
  asdlc_http_requests_total: { type: 'counter', labels: ['service', 'method', 'endpoint', 'status'] },
  asdlc_http_request_duration_seconds: {
    type: 'histogram',
    labels: ['service', 'method', 'endpoint'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  asdlc_events_processed_total: { type: 'counter', labels: ['service', 'event_type', 'status'] },
  asdlc_active_tasks: { type: 'gauge', labels: ['service'] },
  asdlc_active_workers: { type: 'gauge', labels: ['service'] },
  asdlc_redis_connection_up: { type: 'gauge', labels: ['service'] },
  asdlc_redis_operation_duration_seconds: {
    type: 'histogram',
    labels: ['service', 'operation'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  },
  asdlc_process_memory_bytes: { type: 'gauge', labels: ['service', 'type'] },
  asdlc_process_cpu_seconds_total: { type: 'counter', labels: ['service'] },
};

describe('metric definitions', () => {
  for (const [name, expected] of Object.entries(FIXED)) {
    it(`${name} has its fixed type, labels and buckets`, () => {
      const definition = METRIC_DEFINITIONS.find((candidate) => candidate.name === name);
      assert.ok(definition);
      const { type, labelNames, buckets } = definition;
      assert.deepEqual({ type, labels: labelNames, ...(buckets && { buckets }) }, expected);
    });
  }

  it('are all in the list, each with its own name', () => {
    const exported = Object.values(definitions).filter((value) => value !== METRIC_DEFINITIONS);
    assert.deepEqual(new Set(METRIC_DEFINITIONS), new Set(exported));
    assert.equal(new Set(METRIC_DEFINITIONS.map(({ name }) => name)).size, METRIC_DEFINITIONS.length);
  });

  it('have buckets at most a factor of 2 apart, unless they are fixed', () => {
    for (const { name, buckets = [] } of METRIC_DEFINITIONS) {
      if (name in FIXED) continue;
      buckets.forEach((bound, i) => {
        assert.ok(i === 0 || bound / (buckets[i - 1] ?? 0) <= 2, `${name}: ${buckets[i - 1]} to ${bound}`);
      });
    }
  });

  it('measure waits of an hour and more', () => {
    assert.ok(Number(definitions.EVENT_WAIT.buckets.at(-1)) >= 3_600);
  });

  it('follow the naming conventions', () => {
    for (const { name, type, help, labelNames, buckets } of METRIC_DEFINITIONS) {
      assert.match(name, /^asdlc_[a-z][a-z0-9_]*$/);
      assert.equal(name.endsWith('_total'), type === 'counter', name);
      assert.match(help, /^[A-Z].{10,}\.$/, name);
      assert.equal(labelNames[0], 'service', name);
      for (const label of labelNames) assert.match(label, /^[a-z][a-z0-9_]*$/, name);
      assert.equal(buckets !== undefined, type === 'histogram', name);
      if (type === 'histogram') assert.match(name, /_seconds$/);
      assert.deepEqual(
        buckets,
        buckets?.toSorted((a, b) => a - b),
        name,
      );
    }
  });

  it('have no label with an unlimited number of values', () => {
    const unbounded = /(^|_)(id|path|url|query|user|email|ip|message|error|task|key|token)($|_)/;
    for (const { name, labelNames } of METRIC_DEFINITIONS) {
      for (const label of labelNames) assert.doesNotMatch(label, unbounded, name);
    }
  });

  it('list values only for labels that they have', () => {
    for (const { name, labelNames, labelValues = {} } of METRIC_DEFINITIONS) {
      for (const label of Object.keys(labelValues))
        assert.ok(labelNames.includes(label), `${label} of ${name}`);
    }
  });

  it('list exactly the panels whose PromQL uses them', () => {
    for (const { name, type, panels = [] } of METRIC_DEFINITIONS) {
      const series = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
      const drawing = PANELS.filter(({ queries }) =>
        queries.some(({ promql }) => metricsIn(promql).some((metric) => series.includes(metric))),
      );
      assert.deepEqual(panels.toSorted(), drawing.map((panel) => panel.name).toSorted(), name);
    }
  });
});

/** The names of the metrics that an expression selects. */
function metricsIn(promql: string): string[] {
  const expression = promql.replaceAll('$window', '1m');
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, from, to, node }) => {
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector')
        names.push(expression.slice(from, to));
    },
  });
  return names;
}
