import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { metricsPage } from '../../scripts/metrics-docs.ts';
import { METRIC_DEFINITIONS } from '../../src/infrastructure/telemetry/catalogue.ts';
import { checkPromql } from '../../src/orchestrator/query/promql.ts';
import { REPOSITORY } from '../support/processes.ts';

/** The names that samples of the catalogue's metrics have. */
const SERIES = new Set(
  METRIC_DEFINITIONS.flatMap(({ name, type }) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  ),
);

function metricNames(query: string): string[] {
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: ({ name, from, to }) => {
      if (name === 'Identifier') names.push(query.slice(from, to));
    },
  });
  return names.filter((name) => name.startsWith('asdlc_'));
}

describe('docs/metrics.md', () => {
  it('is what its script writes (else run: npx node scripts/metrics-docs.ts)', () => {
    assert.equal(readFileSync(join(REPOSITORY, 'docs/metrics.md'), 'utf8'), metricsPage());
  });

  it('has queries that are PromQL and name metrics of the catalogue only', () => {
    for (const { query } of METRIC_DEFINITIONS) {
      checkPromql(query);
      const names = metricNames(query);
      assert.ok(names.length > 0, query);
      for (const name of names) assert.ok(SERIES.has(name), `${name} in ${query}`);
    }
  });
});
