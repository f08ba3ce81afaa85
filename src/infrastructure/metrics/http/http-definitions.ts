import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DefinitionOf } from '../instruments/definition.ts';
import type { MetricsRegistry } from '../registry.ts';

/** What the middleware knows of a request. A label has the value of the attribute of its name, or of `attributes`. */
export type HttpAttribute =
  | 'service'
  | 'method'
  | 'endpoint'
  | 'status'
  | 'scheme'
  | 'protocolVersion'
  | 'errorType';

/** The metrics that HTTP requests are counted and timed in. Pass others to choose names, helps and buckets. */
export interface HttpMetricDefinitions {
  readonly count?: DefinitionOf<'counter', string>;
  readonly duration: DefinitionOf<'histogram', string>;
  readonly inProgress: DefinitionOf<'gauge', string>;
  /** By label name: its attribute, where that has another name. */
  readonly attributes?: Readonly<Record<string, HttpAttribute>>;
}

type Value = string | number | boolean | null | undefined;

/** A label's value, or a function that reads it when the request has ended. */
export type FurtherLabel = Value | ((request: IncomingMessage, response: ServerResponse) => Value);

export interface HttpMetricsOptions {
  /** Default: the process-wide `register`. */
  readonly registry?: MetricsRegistry | undefined;
  /** The value of the label `service`. Without it there is no such label. */
  readonly service?: string | undefined;
  /** `opentelemetry` has the names and labels of its semantic conventions for HTTP. Default: `prometheus`. */
  readonly preset?: 'prometheus' | 'opentelemetry' | undefined;
  /** Stands before each of the three names. */
  readonly namePrefix?: string | undefined;
  /** Other names of single metrics. The prefix stands before them too. */
  readonly names?: { readonly [M in MetricRole]?: string | undefined } | undefined;
  /** Further labels of count and duration. A function that throws gives the empty value. */
  readonly labels?: Readonly<Record<string, FurtherLabel>> | undefined;
  /** Definitions in full, instead of `preset`, `namePrefix`, `names` and `labels`. */
  readonly definitions?: HttpMetricDefinitions | undefined;
  /** Upper bounds of the duration histogram in seconds, instead of its definition's. */
  readonly buckets?: readonly number[] | undefined;
  /** `code` labels with the status itself (`404`), `class` with its class (`4xx`). Default: `code`. */
  readonly statusLabel?: 'code' | 'class' | undefined;
  /** The id of a request's trace, which becomes the exemplar of its duration. Injected requests have no headers. */
  readonly traceIdOf?: ((request: IncomingMessage) => string | undefined) | undefined;
}

type MetricRole = 'count' | 'duration' | 'inProgress';

export const DEFAULT_HTTP_DEFINITIONS = {
  count: {
    type: 'counter',
    name: 'http_requests_total',
    help: 'HTTP requests answered, by route pattern; an aborted request counts as status 499.',
    labelNames: ['service', 'method', 'endpoint', 'status'],
  },
  duration: {
    type: 'histogram',
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of an HTTP request to the end of its response.',
    labelNames: ['service', 'method', 'endpoint'],
    enableExemplars: true,
  },
  inProgress: {
    type: 'gauge',
    name: 'http_requests_in_progress',
    help: 'HTTP requests being answered now.',
    labelNames: ['service'],
  },
} as const satisfies HttpMetricDefinitions;

/** Label names of OpenTelemetry's attributes, as its exporter for Prometheus writes them. */
const OPENTELEMETRY_ATTRIBUTES = {
  service: 'service',
  http_request_method: 'method',
  http_route: 'endpoint',
  http_response_status_code: 'status',
  url_scheme: 'scheme',
  network_protocol_version: 'protocolVersion',
  error_type: 'errorType',
} as const;

/** https://opentelemetry.io/docs/specs/semconv/http/http-metrics/, of the conventions 1.23 and later. */
export const OPENTELEMETRY_BUCKETS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

const OPENTELEMETRY_DEFINITIONS: HttpMetricDefinitions = {
  duration: {
    type: 'histogram',
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP server requests.',
    labelNames: Object.keys(OPENTELEMETRY_ATTRIBUTES),
    buckets: OPENTELEMETRY_BUCKETS,
    enableExemplars: true,
  },
  inProgress: {
    type: 'gauge',
    name: 'http_server_active_requests',
    help: 'Number of active HTTP server requests.',
    labelNames: ['service', 'http_request_method', 'url_scheme'],
  },
  attributes: OPENTELEMETRY_ATTRIBUTES,
};

/** The definitions that the options ask for. */
export function resolveDefinitions(options: HttpMetricsOptions): HttpMetricDefinitions {
  const { preset, definitions, buckets } = options;
  const chosen = definitions ?? chooseNames(presetOf(preset), options);
  const { duration } = chosen;
  return { ...chosen, duration: buckets === undefined ? duration : { ...duration, buckets } };
}

function presetOf(preset: HttpMetricsOptions['preset']): HttpMetricDefinitions {
  if (preset !== undefined && preset !== 'prometheus' && preset !== 'opentelemetry') {
    throw new TypeError(`expected the preset prometheus or opentelemetry; got ${String(preset)}`);
  }
  return preset === 'opentelemetry' ? OPENTELEMETRY_DEFINITIONS : DEFAULT_HTTP_DEFINITIONS;
}

function chooseNames(
  { count, duration, inProgress, attributes }: HttpMetricDefinitions,
  { service, namePrefix = '', names = {}, labels = {} }: HttpMetricsOptions,
): HttpMetricDefinitions {
  const adapt = <D extends { readonly name: string; readonly labelNames: readonly string[] }>(
    definition: D,
    role: MetricRole,
  ): D => ({
    ...definition,
    name: namePrefix + (names[role] ?? definition.name),
    labelNames: [
      ...definition.labelNames.filter((name) => name !== 'service' || service !== undefined),
      ...(role === 'inProgress' ? [] : Object.keys(labels)),
    ],
  });
  return {
    ...(count && { count: adapt(count, 'count') }),
    duration: adapt(duration, 'duration'),
    inProgress: adapt(inProgress, 'inProgress'),
    ...(attributes && { attributes }),
  };
}
