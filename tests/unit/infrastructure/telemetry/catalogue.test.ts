import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as definitions from '../../../../src/infrastructure/telemetry/catalogue.ts';

const { METRIC_DEFINITIONS } = definitions;

/** The part of the catalogue that dashboards outside this repository rely on: exactly so. */
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

  it('are all in the list, each name once', () => {
    const exported = Object.values(definitions).filter((value) => value !== METRIC_DEFINITIONS);
    assert.deepEqual(new Set(METRIC_DEFINITIONS), new Set(exported));
    assert.equal(new Set(METRIC_DEFINITIONS.map(({ name }) => name)).size, METRIC_DEFINITIONS.length);
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

  it('have no label whose values could be without bound', () => {
    const unbounded = /(^|_)(id|path|url|query|user|email|ip|message|error|task|key|token)($|_)/;
    for (const { name, labelNames } of METRIC_DEFINITIONS) {
      for (const label of labelNames) assert.doesNotMatch(label, unbounded, name);
    }
  });
});
