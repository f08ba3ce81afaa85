import { parser } from '@prometheus-io/lezer-promql';
import { METRIC_DEFINITIONS } from '../../src/infrastructure/telemetry/catalogue.ts';

/** The label sets of metrics that the catalogue does not have. */
const CLIENT_METRICS: Readonly<Record<string, readonly string[]>> = {
  nodejs_eventloop_lag_p99_seconds: ['service'],
};

/** Grafana's variables, by the label that they choose from. */
const VARIABLES = ['service', 'event_type', 'instance'] as const;

/** Adds the matchers of Grafana's variables to each selector of an expression, for the labels that its metric has. */
export function withVariables(promql: string): string {
  const selectors: { readonly at: number; readonly hasBraces: boolean; readonly metric: string }[] = [];
  parser.parse(promql).iterate({
    enter: ({ name, node, from, to }) => {
      if (name !== 'VectorSelector') return;
      const identifier = node.getChild('Identifier');
      const matchers = node.getChild('LabelMatchers');
      if (identifier === null) throw new Error(`expected a metric's name in ${promql.slice(from, to)}`);
      const at = matchers === null ? identifier.to : matchers.to - 1;
      const metric = promql.slice(identifier.from, identifier.to);
      selectors.push({ at, hasBraces: matchers !== null, metric });
    },
  });
  return selectors.toReversed().reduce((text, { at, hasBraces, metric }) => {
    const labels = [...labelsOf(metric), 'instance'];
    const matchers = VARIABLES.filter((name) => labels.includes(name)).map((name) => `${name}=~"$${name}"`);
    const added = hasBraces ? `,${matchers.join(',')}` : `{${matchers.join(',')}}`;
    return text.slice(0, at) + added + text.slice(at);
  }, promql);
}

function labelsOf(metric: string): readonly string[] {
  const family = metric.replace(/_(bucket|sum|count)$/, '');
  const labels = METRIC_DEFINITIONS.find(({ name }) => name === metric || name === family)?.labelNames;
  return labels ?? CLIENT_METRICS[metric] ?? unknown(metric);
}

function unknown(metric: string): never {
  throw new Error(`expected a metric of the catalogue; got ${metric}`);
}
