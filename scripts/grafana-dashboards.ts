import { writeFileSync } from 'node:fs';
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Chart, GRAFANA_DASHBOARDS, type GrafanaDashboard } from './grafana/charts.ts';

/*
 * Writes deploy/grafana/dashboards/ with Grafana's own builders: `npx node scripts/grafana-dashboards.ts`. A test fails
 * when a file is stale.
 */

const SOURCE = { type: 'prometheus', uid: '$datasource' } as const;
const SCHEMA_VERSION = 39;
const [PANEL_WIDTH, PANEL_HEIGHT] = [8, 8];
const COLORS = { warning: 'orange', critical: 'red' } as const;

/** Files by name, with their text. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    GRAFANA_DASHBOARDS.map((data) => [
      `${data.name}.json`,
      `${JSON.stringify(dashboardOf(data), null, 2)}\n`,
    ]),
  );
}

function dashboardOf({ name, title, rows }: GrafanaDashboard): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(name)
    .tags(['asdlc'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Datasource').type('prometheus'))
    .withVariable(labelVariable('service', 'Service', 'asdlc_service_info'))
    .withVariable(labelVariable('event_type', 'Event type', 'asdlc_events_processed_total'))
    .withVariable(labelVariable('instance', 'Instance', 'asdlc_service_info{service=~"$service"}'))
    .annotation(starts());
  for (const row of rows) {
    builder.withRow(new RowBuilder(row.title));
    for (const chart of row.charts) builder.withPanel(panelOf(chart));
  }
  return { ...builder.build(), schemaVersion: SCHEMA_VERSION };
}

/** A series without the label matches too: `.*` also matches nothing. */
function labelVariable(name: string, label: string, metric: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCE)
    .query({ query: `label_values(${metric}, ${name})`, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

/** A mark where a version of a service, or a process of it, is new. */
function starts(): AnnotationQueryBuilder {
  const running = 'sum by (service, version, instance) (asdlc_service_info';
  return new AnnotationQueryBuilder()
    .name('Starts and versions')
    .datasource(SOURCE)
    .enable(true)
    .iconColor('blue')
    .expr(`${running}{service=~"$service"}) unless ${running}{service=~"$service"} offset 1m)`)
    .titleFormat('{{service}} {{version}}')
    .textFormat('{{instance}} started')
    .step('60s');
}

function panelOf({ title, description, unit, targets, thresholds }: Chart): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(SOURCE)
    .height(PANEL_HEIGHT)
    .span(PANEL_WIDTH)
    .fillOpacity(8);
  if (unit !== 's') panel.min(0);
  for (const [index, { expr, legend, hasExemplars }] of targets.entries()) {
    panel.withTarget(
      new DataqueryBuilder()
        .datasource(SOURCE)
        .refId(String.fromCharCode(65 + index))
        .expr(expr)
        .legendFormat(legend)
        .range()
        .exemplar(hasExemplars),
    );
  }
  if (thresholds.length === 0) return panel;
  const steps = thresholds.map(({ value, severity }) => ({ value, color: COLORS[severity] }));
  return panel
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([{ value: null, color: 'transparent' }, ...steps]),
    )
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(dashboardFiles()))
    writeFileSync(new URL(`../deploy/grafana/dashboards/${name}`, import.meta.url), text);
}
