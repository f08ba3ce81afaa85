import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/** What Grafana fills in: all of each variable, and the window of a scrape interval of 1 s. */
export function interpolated(expr: string, values: Readonly<Record<string, string>> = {}): string {
  const all: Readonly<Record<string, string>> = {
    service: '.*',
    event_type: '.*',
    instance: '.*',
    __rate_interval: '10s',
    ...values,
  };
  return expr.replaceAll(/\$([a-z_]+)\b/g, (_, name: string) => {
    const value = all[name];
    if (value === undefined) throw new Error(`expected a variable of the dashboard; got $${name} in ${expr}`);
    return value;
  });
}

export function chartsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => !isRow(panel));
}

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}

export function expressionsOf(dashboard: Dashboard): string[] {
  return chartsOf(dashboard).flatMap(({ targets = [] }) =>
    targets.map((target) => (target as Dataquery).expr),
  ); // ours all are of Prometheus
}
