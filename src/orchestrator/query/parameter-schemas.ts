import { type TSchema, Type } from 'typebox';

/*
 * The parameters of the query API in the OpenAPI document. Fastify does not check requests against them:
 * parameters.ts does.
 */

const Text = (description: string, ...examples: string[]) =>
  Type.String({ description, ...(examples.length > 0 && { examples }) });
const optional = Type.Optional;

const TIME = 'Unix seconds (not milliseconds) or RFC 3339';
const limit = optional(Text('the largest number of results; some TSDBs ignore it', '100'));
const timeout = optional(Text('a time limit shorter than the configured one', '5s'));
const start = Text(TIME, '1767225600', '2026-01-01T00:00:00Z');
const end = Text(`${TIME}, not before start`, '1767229200');
const query = Text(
  'a PromQL expression of at most 16 KiB',
  'sum by (service) (rate(asdlc_http_requests_total[5m]))',
);
export const ServiceParameter = optional(
  Text('only series of this service: a name of 1 to 256 characters', 'asdlc-workers'),
);
const service = ServiceParameter;
const selectors = Type.Array(Text('a series selector', 'asdlc_http_requests_total{status="200"}'), {
  maxItems: 64,
  description: 'series selectors; repeat the parameter for each',
});

export const InstantParameters = Type.Object({
  query,
  time: optional(Text(`${TIME}; default: now`, '1767229200')),
  timeout,
  limit,
  service,
});
export const RangeParameters = Type.Object({
  query,
  start,
  end,
  step: Text('seconds or a duration; at most 11,000 points per series', '15s', '1h30m', '0.5'),
  timeout,
  limit,
  service,
});
const selecting = { start: optional(start), end: optional(end), limit, timeout, service };
export const SeriesParameters = Type.Object({ 'match[]': selectors, ...selecting });
export const SelectorParameters = Type.Object({ 'match[]': optional(selectors), ...selecting });
export const MetadataParameters = Type.Object({
  metric: optional(Text('only this metric', 'asdlc_http_requests_total')),
  limit,
  limit_per_metric: limit,
  service,
});
export const ExemplarParameters = Type.Object({
  query,
  start: optional(start),
  end: optional(end),
  timeout,
  service,
});
export const FormatParameters = Type.Object({ query });
export const PanelParameters = Type.Object({
  range: optional(Text('how far back from the end; default: 1h', '1h', '7d')),
  end: optional(Text(`${TIME}; default: now`, '1767229200')),
  width: optional(
    Text('how many points the chart has room for, from 10 to 2000; sets the step; default: 300', '600'),
  ),
  top: optional(Text('how many series at most, the largest first, from 1 to 1000; default: all', '10')),
  offset: optional(Text('each series also gets its values from so long before', '1d', '7d')),
  exemplars: optional(Text('how many exemplars of a histogram at most, from 1 to 500; default: none', '40')),
  timeout,
  service,
});
export const PanelsParameters = Type.Object({
  names: optional(
    Text(
      'panels, with commas between them: the answer then has their series; default: the list',
      'cpu,memory',
    ),
  ),
  ...PanelParameters.properties,
});

/** Returns the part of a route's schema that describes its parameters: a form for POST, else the query string. */
export function parametersOf(method: 'GET' | 'POST', parameters: TSchema) {
  return method === 'POST'
    ? { body: parameters, consumes: ['application/x-www-form-urlencoded'] }
    : { querystring: parameters };
}
