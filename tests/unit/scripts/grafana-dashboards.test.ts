import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
import { parse } from 'yaml';
import { withVariables } from '../../../scripts/grafana/selectors.ts';
import { dashboardFiles } from '../../../scripts/grafana-dashboards.ts';
import { checkPromql } from '../../../src/orchestrator/query/promql.ts';
import { chartsOf, expressionsOf, interpolated } from '../../support/grafana.ts';
import { REPOSITORY } from '../../support/processes.ts';

const FOLDER = join(REPOSITORY, 'deploy/grafana');
const FILES = dashboardFiles();
const dashboards = Object.values(FILES).map((text) => JSON.parse(text) as Dashboard);

describe('the dashboards for Grafana', () => {
  it('are as their script writes them (else run: npx node scripts/grafana-dashboards.ts)', () => {
    const written = globSync(join(FOLDER, 'dashboards/*.json')).toSorted();
    assert.deepEqual(
      written.map((path) => basename(path)),
      Object.keys(FILES).toSorted(),
    );
    for (const path of written) assert.equal(readFileSync(path, 'utf8'), FILES[basename(path)], path);
  });

  it('have a uid each, and the variables datasource, service, event type and instance', () => {
    assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, dashboards.length);
    for (const { templating } of dashboards) {
      const names = templating?.list?.map(({ name }) => name);
      assert.deepEqual(names, ['datasource', 'service', 'event_type', 'instance']);
    }
  });

  it('have charts that do not overlap, each with an id, a title, a description and a query', () => {
    for (const dashboard of dashboards) {
      const all = dashboard.panels ?? [];
      const taken = new Set<string>();
      for (const { gridPos } of all) {
        const { x, y, w, h } = gridPos ?? assert.fail();
        assert.ok(x + w <= 24, 'wider than the grid');
        for (let column = x; column < x + w; column++) {
          for (let row = y; row < y + h; row++) {
            assert.ok(
              !taken.has(`${column} ${row}`),
              `two panels at ${column}, ${row} of ${dashboard.title}`,
            );
            taken.add(`${column} ${row}`);
          }
        }
      }
      for (const { title, description, targets } of chartsOf(dashboard)) {
        assert.ok(title && description && targets?.length, title);
        assert.equal(new Set(targets.map((target) => (target as Dataquery).refId)).size, targets.length);
      }
    }
  });

  it('have queries that are PromQL, with a matcher for each variable that the metric has', () => {
    for (const expr of dashboards.flatMap(expressionsOf)) {
      checkPromql(interpolated(expr));
      assert.match(expr, /service=~"\$service"/);
      assert.match(expr, /instance=~"\$instance"/);
    }
    assert.equal(
      withVariables('rate(asdlc_events_dead_total{reason="error"}[5m]) / asdlc_active_workers'),
      'rate(asdlc_events_dead_total{reason="error",service=~"$service",event_type=~"$event_type",instance=~"$instance"}[5m]) / asdlc_active_workers{service=~"$service",instance=~"$instance"}',
    );
    assert.throws(
      () => withVariables('asdlc_nothing'),
      /expected a metric of the catalogue; got asdlc_nothing/,
    );
  });

  it('ask for exemplars where the metric has them, and the datasources link them', () => {
    const withExemplars = dashboards
      .flatMap(chartsOf)
      .flatMap(({ targets = [] }) => targets as Dataquery[])
      .filter(({ exemplar }) => exemplar);
    const families = new Set(withExemplars.map(({ expr }) => /asdlc_\w+(?=_bucket)/.exec(expr)?.[0]));
    assert.deepEqual([...families].sort(), [
      'asdlc_event_duration_seconds',
      'asdlc_event_wait_seconds',
      'asdlc_http_request_duration_seconds',
    ]);
    const { datasources } = parse(readFileSync(join(FOLDER, 'provisioning/datasources/asdlc.yml'), 'utf8'));
    assert.equal(datasources.length, 2);
    for (const { type, jsonData } of datasources) {
      assert.equal(type, 'prometheus');
      assert.equal(jsonData.exemplarTraceIdDestinations[0].name, 'trace_id');
    }
  });

  it('show the limits of the alerts as lines', () => {
    const overview = dashboards.find(({ uid }) => uid === 'asdlc-overview') ?? assert.fail();
    const oldest = chartsOf(overview).find(({ title }) => title === 'Oldest waiting task');
    const steps = oldest?.fieldConfig?.defaults.thresholds?.steps;
    assert.deepEqual(
      steps?.map(({ value }) => value),
      [null, 60, 300],
    );
  });
});
