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
export const ExemplarParameters = Type.Object({
  query,
  start: optional(start),
  end: optional(end),
  timeout,
  service,
});
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

const ERRORS: Readonly<Record<number, readonly [errorType: string, error: string]>> = {
  400: ['bad_data', 'step: expected seconds or a duration such as 15s or 1h30m, at least 1ms; got "soon"'],
  401: ['unauthorized', 'Expected the header "Authorization: Bearer <token>" with the configured token.'],
  404: ['not_found', 'name: expected one of request_rate, error_ratio, …; got "requests"'],
  413: ['bad_data', 'Request body is too large'],
  414: ['bad_data', 'Max param length reached for "name".'],
  415: ['bad_data', 'content-type: expected application/x-www-form-urlencoded'],
  422: ['execution', 'The TSDB could not execute the query.'],
  429: ['too_many_requests', 'Expected at most 600 requests a minute from one address.'],
  500: ['internal', 'The request failed; the log says why.'],
  503: ['unavailable', 'The TSDB cannot be reached.'],
};

/** Whether the status comes with a time after which the same may be asked again. */
const isTemporary = (status: number) => status === 429 || status === 503;

function errorAnswer(status: number) {
  const [errorType, error] = ERRORS[status] ?? ['bad_data', ''];
  return Type.Object(
    {
      status: Type.Literal('error'),
      errorType: Type.String({ description: 'stable: match on it' }),
      error: Type.String({ description: 'what was expected, and what came' }),
    },
    {
      title: 'QueryError',
      description: "An error in Prometheus's shape",
      examples: [{ status: 'error', errorType, error }],
      ...(isTemporary(status) && {
        headers: {
          'retry-after': Type.String({ description: 'seconds; not where the time limit was over' }),
        },
      }),
    },
  );
}

/** Error answers of a route: what any of them may answer, and those of `statuses`. */
export const errors = (...statuses: number[]) =>
  Object.fromEntries([401, 429, 500, ...statuses].map((status) => [status, errorAnswer(status)]));

/** The error answers of a route that asks the TSDB. */
export const ASKING = [400, 422, 503] as const;

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
          job: Type.String({ examples: ['asdlc-workers'] }),
          version: Type.String({ examples: ['0.1.0'] }),
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
export const Health = Type.Object(
  {
    status: Type.Enum(['healthy', 'degraded', 'unhealthy']),
    checks: Type.Object({ reachable: Check, query: Check }),
  },
  {
    examples: [
      {
        status: 'degraded',
        checks: {
          reachable: { ok: true, latency_ms: 1.2 },
          query: { ok: false, latency_ms: 5000, error: 'The query was not answered within 5 s.' },
        },
      },
    ],
  },
);
