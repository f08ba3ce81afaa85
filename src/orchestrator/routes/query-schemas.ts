import { Type } from 'typebox';

/** What the OpenAPI document says of the query API; the checks themselves are in query-parameters.ts. */

const Text = (description: string, ...examples: string[]) =>
  Type.String({ description, ...(examples.length > 0 && { examples }) });
const optional = Type.Optional;

const TIME = 'Unix seconds (not milliseconds) or RFC 3339';
const limit = optional(Text('at most so many; passed on to upstreams that know it', '100'));
const timeout = optional(Text('a shorter time limit than the configured one', '5s'));
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
  description: 'series selectors, the parameter repeated',
});

export const InstantParameters = Type.Object({
  query,
  time: optional(Text(`${TIME}; now when absent`, '1767229200')),
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
export const ExemplarParameters = Type.Object({ query, start, end, timeout, service });
export const FormatParameters = Type.Object({ query });
export const PanelParameters = Type.Object({
  range: optional(Text('how far back from the end; 1h when absent', '1h', '7d')),
  end: optional(Text(`${TIME}; now when absent`, '1767229200')),
  width: optional(
    Text('points across, from 10 to 2000, from which the step follows; 300 when absent', '600'),
  ),
  timeout,
  service,
});

export const QueryErrorBody = Type.Object(
  {
    status: Type.Literal('error'),
    errorType: Type.String({ examples: ['bad_data'] }),
    error: Type.String({
      examples: ['step: expected seconds or a duration such as 15s or 1h30m, more than 0'],
    }),
  },
  { $id: 'QueryError', title: 'QueryError', description: "An error in Prometheus's shape" },
);

/** The error answers of a route that asks the TSDB. */
export const errors = (...statuses: number[]) =>
  Object.fromEntries(
    (statuses.length > 0 ? statuses : [400, 401, 422, 429, 503]).map((status) => [status, QueryErrorBody]),
  );

/** An answer that is passed on as it comes: shown by an example, serialized by nobody. */
export const passedOn = (description: string, data: unknown) =>
  Type.Unknown({ description, examples: [{ status: 'success', data }] });

export const Services = Type.Object({
  status: Type.Literal('success'),
  data: Type.Array(
    Type.Object({
      name: Type.String({ examples: ['asdlc-workers'] }),
      up: Type.Boolean({ description: 'whether any instance was scraped at the last try' }),
      instances: Type.Array(
        Type.Object({
          instance: Type.String({ examples: ['127.0.0.1:8081'] }),
          job: Type.String(),
          version: Type.String(),
          up: Type.Boolean(),
        }),
      ),
    }),
  ),
});

const Check = Type.Object({
  ok: Type.Boolean(),
  latency_ms: Type.Number(),
  error: Type.Optional(Type.String()),
});
export const Health = Type.Object({
  status: Type.Enum(['healthy', 'degraded', 'unhealthy']),
  checks: Type.Object({ reachable: Check, query: Check }),
});
