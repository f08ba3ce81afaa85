import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { DefinitionOf } from '../instruments/definition.ts';
import { type MetricsRegistry, register } from '../registry.ts';
import { OVERFLOW } from '../series/series-table.ts';
import { OPENTELEMETRY_BUCKETS } from './http-definitions.ts';
import { ABORTED_STATUS, methodLabel } from './http-metrics.ts';

/** The metrics that requests to other services are counted and timed in. */
export interface ClientMetricDefinitions {
  readonly count?: DefinitionOf<'counter', string>;
  readonly duration: DefinitionOf<'histogram', string>;
  readonly inProgress: DefinitionOf<'gauge', string>;
}

export interface ClientMetricsOptions {
  /** Default: the process-wide `register`. */
  readonly registry?: MetricsRegistry | undefined;
  /** The value of the label `service`. Without it there is no such label. */
  readonly service?: string | undefined;
  /** `opentelemetry` has the names and labels of its semantic conventions for HTTP. Default: `prometheus`. */
  readonly preset?: 'prometheus' | 'opentelemetry' | undefined;
  /** Stands before each name. */
  readonly namePrefix?: string | undefined;
  /** Upper bounds of the duration histogram in seconds. */
  readonly buckets?: readonly number[] | undefined;
}

/** Hosts past this many share one series. */
const MAX_HOSTS = 100;

/** The status of a request that got no response. */
const NO_RESPONSE = 'error';

const PROMETHEUS: ClientMetricDefinitions = {
  count: {
    type: 'counter',
    name: 'http_client_requests_total',
    help: 'HTTP requests to other services, by host and status; one without a response has the status error.',
    labelNames: ['service', 'method', 'host', 'status'],
  },
  duration: {
    type: 'histogram',
    name: 'http_client_request_duration_seconds',
    help: 'Time from an HTTP request to another service to the end of its response.',
    labelNames: ['service', 'method', 'host'],
  },
  inProgress: {
    type: 'gauge',
    name: 'http_client_requests_in_progress',
    help: 'HTTP requests to other services under way now.',
    labelNames: ['service', 'host'],
  },
};

const OPENTELEMETRY: ClientMetricDefinitions = {
  duration: {
    type: 'histogram',
    name: 'http_client_request_duration_seconds',
    help: 'Duration of HTTP client requests.',
    labelNames: [
      'service',
      'http_request_method',
      'server_address',
      'server_port',
      'url_scheme',
      'http_response_status_code',
      'error_type',
    ],
    buckets: OPENTELEMETRY_BUCKETS,
  },
  inProgress: {
    type: 'gauge',
    name: 'http_client_active_requests',
    help: 'Number of active HTTP client requests.',
    labelNames: ['service', 'http_request_method', 'server_address', 'server_port', 'url_scheme'],
  },
};

interface UnderWay {
  readonly startMs: number;
  readonly labels: Readonly<Record<string, unknown>>;
  status: number | undefined;
}

interface Message {
  readonly request: { readonly origin?: unknown; readonly method?: unknown };
  readonly response?: { readonly statusCode?: number };
  readonly error?: { readonly name?: string; readonly code?: string | number };
}

/**
 * Counts and times what `fetch` and undici send, of all clients in the process. Returns a function that ends it. A
 * redirect is a request of its own, as the other service sees it.
 */
export function instrumentHttpClient(options: ClientMetricsOptions = {}): () => void {
  const { registry = register, service, preset } = options;
  const isOpenTelemetry = preset === 'opentelemetry';
  const { count, duration, inProgress } = adapt(isOpenTelemetry ? OPENTELEMETRY : PROMETHEUS, options);
  const counter = count && registry.instrument(count);
  const histogram = registry.instrument(duration);
  const gauge = registry.instrument(inProgress);
  const underWay = new WeakMap<object, UnderWay>();
  const hosts = new Set<string>();

  const start = ({ request }: Message): void => {
    const labels = { service, ...labelsOf(request, hosts, isOpenTelemetry ? '_OTHER' : 'other') };
    underWay.set(request, { startMs: performance.now(), labels, status: undefined });
    gauge.inc(pick(inProgress, labels));
  };
  const receive = ({ request, response }: Message): void => {
    const found = underWay.get(request);
    if (found !== undefined) found.status = response?.statusCode;
  };
  const end = ({ request, error }: Message): void => {
    const found = underWay.get(request);
    if (found === undefined) return;
    underWay.delete(request);
    const labels = { ...found.labels, ...outcomeOf(found.status, error) };
    gauge.dec(pick(inProgress, labels));
    if (count !== undefined) counter?.inc(pick(count, labels));
    histogram.observe(pick(duration, labels), (performance.now() - found.startMs) / 1000);
  };
  const listeners = { create: start, headers: receive, trailers: end, error: end };
  const guarded = Object.entries(listeners).map(
    ([event, listener]) =>
      [`undici:request:${event}`, (message: unknown) => listener(message as Message)] as const,
  );
  for (const [channel, listener] of guarded) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of guarded) unsubscribe(channel, listener);
  };
}

function adapt(
  { count, duration, inProgress }: ClientMetricDefinitions,
  { service, namePrefix = '', buckets }: ClientMetricsOptions,
): ClientMetricDefinitions {
  const adapted = <D extends { readonly name: string; readonly labelNames: readonly string[] }>(
    definition: D,
  ): D => ({
    ...definition,
    name: namePrefix + definition.name,
    labelNames: definition.labelNames.filter((name) => name !== 'service' || service !== undefined),
  });
  return {
    ...(count && { count: adapted(count) }),
    duration: { ...adapted(duration), ...(buckets && { buckets }) },
    inProgress: adapted(inProgress),
  };
}

/** The labels of a request, in the names of both presets. */
function labelsOf({ origin, method }: Message['request'], hosts: Set<string>, otherMethod: string) {
  const url = URL.parse(String(origin));
  const known = url !== null && (hosts.has(url.host) || hosts.size < MAX_HOSTS);
  if (known) hosts.add(url.host);
  const scheme = url?.protocol.replace(':', '') ?? '';
  const name = methodLabel(method, otherMethod);
  return {
    method: name,
    http_request_method: name,
    host: known ? url.host : OVERFLOW,
    server_address: known ? url.hostname : OVERFLOW,
    server_port: known ? url.port || (scheme === 'https' ? '443' : '80') : OVERFLOW,
    url_scheme: scheme,
  };
}

/** A response that broke off counts as the error, not as its status. */
function outcomeOf(status: number | undefined, error: Message['error']) {
  if (error === undefined) {
    const code = String(status ?? NO_RESPONSE);
    return { status: code, http_response_status_code: code, error_type: Number(status) >= 400 ? code : '' };
  }
  const isAborted = error.name === 'AbortError';
  return {
    status: isAborted ? String(ABORTED_STATUS) : NO_RESPONSE,
    http_response_status_code: status === undefined ? '' : String(status),
    error_type: typeof error.code === 'string' ? error.code : (error.name ?? NO_RESPONSE),
  };
}

function pick(
  { labelNames }: { readonly labelNames: readonly string[] },
  values: Readonly<Record<string, unknown>>,
) {
  return Object.fromEntries(labelNames.map((name) => [name, values[name]])) as Record<string, string>; // any value is taken
}
