import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import type { MetricDefinition } from '../../../../src/infrastructure/metrics/instruments/definition.ts';
import { METRIC_DEFINITIONS } from '../../../../src/infrastructure/telemetry/catalogue.ts';
import { PANELS } from '../../../../src/infrastructure/telemetry/panels.ts';
import { withWindow } from '../../../../src/orchestrator/query/panel-series.ts';
import { checkPromql } from '../../../../src/orchestrator/query/promql.ts';

/** The default metrics of the client that a panel may use. */
const NODE_METRICS = [{ name: 'nodejs_eventloop_lag_p99_seconds', type: 'gauge', labelNames: ['service'] }];
const TARGET_LABELS = ['job', 'instance', 'le'];

/** The labels of each sample name in the catalogue. */
const LABELS_OF = new Map(
  [...(METRIC_DEFINITIONS as readonly MetricDefinition[]), ...NODE_METRICS].flatMap(
    ({ name, type, labelNames }) => {
      const names = type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
      return names.map((each) => [each, new Set<string>([...labelNames, ...TARGET_LABELS])] as const);
    },
  ),
);

/** The names of metrics in an expression, and of labels that it matches or groups by. */
function namesIn(promql: string): { metrics: string[]; labels: string[] } {
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(promql).iterate({
    enter: ({ name, from, to, node }) => {
      const text = promql.slice(from, to);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.push(text);
      if (name === 'LabelName') labels.push(text);
    },
  });
  return { metrics, labels };
}

describe('panels', () => {
  it('have names that are unique and fit a URL', () => {
    const names = PANELS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z][a-z_]+$/);
  });

  it('name their histogram exactly if its exemplars belong to them', () => {
    const traced = METRIC_DEFINITIONS.filter((entry) => entry.enableExemplars).map(({ name }) => name);
    for (const { name, queries, histogram } of PANELS) {
      const drawn = traced.find((metric) =>
        queries.some(({ promql }) => promql.includes(`${metric}_bucket`)),
      );
      assert.equal(histogram, drawn, name);
    }
  });

  for (const panel of PANELS) {
    it(`${panel.name} uses only metrics and labels of the catalogue`, () => {
      for (const { promql, legend } of withWindow(panel, '60s').queries) {
        checkPromql(promql);
        const { metrics, labels } = namesIn(promql);
        assert.ok(metrics.length > 0, promql);
        const known = new Set(['class']); // label_replace makes it
        for (const metric of metrics) {
          const ofMetric = LABELS_OF.get(metric);
          assert.ok(ofMetric, `${metric} is not in the catalogue`);
          for (const label of ofMetric) known.add(label);
        }
        const used = [
          ...labels,
          ...[...legend.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] as string),
        ];
        for (const label of used) assert.ok(known.has(label), `${label} in ${promql}`);
      }
    });
  }
});
