import type { CatalogueEntry } from '../../src/infrastructure/telemetry/catalogue/entry.ts';
import { METRIC_DEFINITIONS } from '../../src/infrastructure/telemetry/catalogue.ts';
import { PANELS, type Panel } from '../../src/infrastructure/telemetry/panels.ts';
import { PANEL_SECTIONS } from '../../src/shared/http-contract/panel-faces.ts';
import type { PanelUnit } from '../../src/shared/http-contract/panels.ts';
import { PANEL_THRESHOLDS, type PanelThreshold } from '../../src/shared/http-contract/thresholds.ts';
import { withVariables } from './selectors.ts';

/** What the dashboards of Grafana show, from the panels of the query API and the queries of the catalogue. */

export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly targets: readonly {
    readonly expr: string;
    readonly legend: string;
    readonly hasExemplars: boolean;
  }[];
  readonly thresholds: readonly PanelThreshold[];
}

export interface GrafanaDashboard {
  /** The name of its file and its uid. */
  readonly name: string;
  readonly title: string;
  readonly rows: readonly { readonly title: string; readonly charts: readonly Chart[] }[];
}

const UNITS: Readonly<Record<PanelUnit, string>> = {
  requests_per_second: 'reqps',
  events_per_second: 'ops',
  ratio: 'percentunit',
  seconds: 's',
  bytes: 'bytes',
  count: 'short',
  cores: 'short',
  boolean: 'short',
};

/** Metrics whose histograms keep trace ids. */
const WITH_EXEMPLARS = METRIC_DEFINITIONS.filter((entry) => entry.enableExemplars).map(({ name }) => name);

/** Grafana takes the window from the step and the scrape interval of its datasource. */
function target(promql: string, legend: string): Chart['targets'][number] {
  const expr = withVariables(promql.replaceAll('$window', '5m')).replaceAll('[5m]', '[$__rate_interval]');
  return { expr, legend, hasExemplars: WITH_EXEMPLARS.some((name) => promql.includes(`${name}_bucket`)) };
}

function panelChart({ name, title, description, unit, queries }: Panel): Chart {
  return {
    title,
    description,
    unit: UNITS[unit],
    targets: queries.map(({ promql, legend }) => target(promql, legend)),
    thresholds: PANEL_THRESHOLDS[name] ?? [],
  };
}

function entryChart({ name, help, question, query }: CatalogueEntry): Chart {
  const unit = /^histogram_quantile|_seconds$|^max.*_seconds/.test(query)
    ? 's'
    : query.includes('_bytes')
      ? 'bytes'
      : 'short';
  // Grafana's own legend shows the labels that tell the series apart.
  const targets = [target(query, '__auto')];
  return { title: question, description: `${name}: ${help}`, unit, targets, thresholds: [] };
}

const panels = (...names: string[]) =>
  names.map((name) => panelChart(PANELS.find((panel) => panel.name === name) ?? missing(name)));
const entries = (pattern: RegExp) =>
  METRIC_DEFINITIONS.filter(({ name }) => pattern.test(name)).map(entryChart);

function missing(name: string): never {
  throw new Error(`expected a panel of the query API; got ${name}`);
}

export const GRAFANA_DASHBOARDS: readonly GrafanaDashboard[] = [
  {
    name: 'asdlc-overview',
    title: 'asdlc / Overview',
    rows: PANEL_SECTIONS.map((title) => ({
      title,
      charts: PANELS.filter(({ section }) => section === title).map(panelChart),
    })),
  },
  {
    name: 'asdlc-tasks',
    title: 'asdlc / Tasks by event type',
    rows: [
      { title: 'By event type', charts: entries(/^asdlc_(events?|handler)_/) },
      { title: 'The queue', charts: entries(/^asdlc_(queue_|active_tasks)/) },
    ],
  },
  {
    name: 'asdlc-workers',
    title: 'asdlc / Workers',
    rows: [
      {
        title: 'Slots',
        charts: [...panels('worker_slots'), ...entries(/^asdlc_(active_workers|worker_last_fetch)/)],
      },
      {
        title: 'What they do',
        charts: panels('events_rate', 'event_failures', 'event_duration', 'event_wait'),
      },
      { title: 'Redis', charts: entries(/^asdlc_redis_/) },
    ],
  },
  {
    name: 'asdlc-query-api',
    title: 'asdlc / Query API',
    rows: [
      { title: 'Queries', charts: entries(/^asdlc_query_/) },
      { title: 'HTTP', charts: panels('request_rate', 'error_ratio', 'request_latency') },
    ],
  },
  {
    name: 'asdlc-runtime',
    title: 'asdlc / Runtime',
    rows: [
      {
        title: 'Processes',
        charts: [
          ...panels('memory', 'cpu', 'event_loop_delay'),
          ...entries(/^asdlc_(process|service|build)_/),
        ],
      },
      { title: 'Metrics', charts: entries(/^asdlc_metrics_/) },
      { title: 'Requests', charts: entries(/^asdlc_(http|state)_/) },
    ],
  },
];
