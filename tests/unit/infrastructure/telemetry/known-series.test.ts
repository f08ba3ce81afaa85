import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPoolObserver, MetricsRegistry } from '../../../../src/infrastructure/metrics/index.ts';
import type { CatalogueEntry } from '../../../../src/infrastructure/telemetry/catalogue/entry.ts';
import { METRIC_DEFINITIONS } from '../../../../src/infrastructure/telemetry/catalogue.ts';
import { createSubmissionObserver } from '../../../../src/orchestrator/tasks/submission-observer.ts';
import { findSample } from '../../../support/http.ts';
import { knownLabelSets } from '../../../support/known-label-sets.ts';

const service = 's';

async function textOf(registry: MetricsRegistry): Promise<string> {
  return (await registry.render()).body.toString();
}

describe('series whose labels are known', () => {
  it('exist at zero for every event type of a pool, and for unknown', async () => {
    const registry = new MetricsRegistry();
    createPoolObserver(registry, service, ['a', 'b']);
    const text = await textOf(registry);
    const entries = registry.getMetricsAsArray().map(({ name }) => name);
    for (const entry of METRIC_DEFINITIONS as readonly CatalogueEntry[]) {
      if (!entries.includes(entry.name)) continue;
      for (const labels of knownLabelSets(entry, { service, event_type: ['a', 'b', 'unknown'] })) {
        const sample = entry.type === 'histogram' ? `${entry.name}_count` : entry.name;
        assert.equal(findSample(text, sample, labels), 0, `${sample} ${JSON.stringify(labels)}`);
      }
    }
  });

  it('exist at zero for the event types that workers announce, from the next scrape on', async () => {
    const registry = new MetricsRegistry();
    const types = new Set<string>();
    const eventTypes = { labelOf: async (type: string) => type, all: async () => types };
    createSubmissionObserver(registry, service, eventTypes);
    const count = async (event_type: string) =>
      findSample(await textOf(registry), 'asdlc_events_enqueued_total', {
        service,
        event_type,
        result: 'accepted',
      });
    assert.deepEqual([await count('unknown'), await count('a')], [0, undefined]);
    types.add('a');
    assert.equal(await count('a'), 0);
  });
});
