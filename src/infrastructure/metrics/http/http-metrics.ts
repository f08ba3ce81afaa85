import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Counter, CounterChild } from '../instruments/counter.ts';
import type { Gauge, GaugeChild } from '../instruments/gauge.ts';
import type { Histogram, HistogramChild } from '../instruments/histogram.ts';
import { register } from '../registry.ts';
import { textOf, warn } from '../series/misuse.ts';
import { OVERFLOW } from '../series/series-table.ts';
import { type HttpAttribute, type HttpMetricsOptions, resolveDefinitions } from './http-definitions.ts';

/** The endpoint of requests that match no route: one series, whatever paths somebody tries. */
export const UNMATCHED = 'unmatched';

/** The status of a request whose client left before the end of the response. nginx uses the same. */
export const ABORTED_STATUS = 499;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Endpoints past this many share one series: somebody passes paths where patterns are expected. */
export const MAX_ENDPOINTS = 1_000;

/** The longest trace id that fits into an exemplar beside its label's name. */
const MAX_TRACE_ID_LENGTH = 120;

/** A method as label value: one of HTTP's own (RFC 9110, PATCH), or `other`. */
export function methodLabel(method: unknown, other = 'other'): string {
  return METHODS.has(method as string) ? (method as string) : other;
}

/** Attributes that differ between two requests of the same route, method and status. */
const REQUEST_ATTRIBUTES: ReadonlySet<HttpAttribute> = new Set(['scheme', 'protocolVersion']);

type Values = Readonly<Record<string, unknown>>;

/** The pattern of the route of a request that has ended. Undefined: the request is not counted. */
export type EndpointOf = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Counts and times requests by endpoint, method and status. It settles a request exactly once, when its raw
 * response closes. Node emits `close` for every response, sent or cut off; frameworks report only some.
 */
export class HttpMetrics {
  readonly otherMethod: string;
  /** Whether a label depends on the single request, so that its series cannot be bound before. */
  readonly isDynamic: boolean;
  readonly #options: HttpMetricsOptions;
  readonly #attributes: Readonly<Record<string, HttpAttribute>>;
  readonly #count: Counter<string> | undefined;
  readonly #duration: Histogram<string>;
  readonly #inProgress: Gauge<string>;
  readonly #onlyInProgress: GaugeChild | undefined;
  readonly #routes = new Map<string, Map<unknown, RouteMetrics>>();
  #hasWarned = false;

  constructor(options: HttpMetricsOptions) {
    const { registry = register, labels = {}, service, preset } = options;
    const { count, duration, inProgress, attributes = {} } = resolveDefinitions(options);
    this.#options = options;
    this.#attributes = attributes;
    this.otherMethod = preset === 'opentelemetry' ? '_OTHER' : 'other';
    this.#count = count && registry.instrument(count);
    this.#duration = registry.instrument(duration);
    this.#inProgress = registry.instrument(inProgress);
    const names = [...(count?.labelNames ?? []), ...duration.labelNames];
    this.isDynamic =
      Object.values(labels).some((label) => typeof label === 'function') ||
      names.some((name) => REQUEST_ATTRIBUTES.has(attributes[name] ?? (name as HttpAttribute)));
    const isBound = inProgress.labelNames.every((name) => name === 'service');
    if (isBound) this.#onlyInProgress = this.#inProgress.labels(service === undefined ? {} : { service });
  }

  /** Counts the request of this response, from now until it closes. `endpoint` is a route's pattern. */
  follow(response: ServerResponse, endpoint: string, method: unknown): void {
    const route = this.#routes.get(endpoint)?.get(method) ?? this.routeOf(endpoint, method);
    follow(response, route, this.#onlyInProgress ?? this.#inProgressOf(response, method));
  }

  /** As `follow`, for a route that is known only when the response has closed. */
  followUntilEnd(response: ServerResponse, method: unknown, endpointOf: EndpointOf): void {
    const settle = (ended: ServerResponse, durationSeconds: number): void => {
      const endpoint = this.guard(() => endpointOf(ended.req, ended), UNMATCHED);
      if (endpoint === undefined) return;
      const pattern = typeof endpoint === 'string' && endpoint !== '' ? endpoint : UNMATCHED;
      this.routeOf(pattern, method).settle(ended, durationSeconds);
    };
    follow(response, { settle }, this.#onlyInProgress ?? this.#inProgressOf(response, method));
  }

  /** The series of these statuses begin at 0 now. Not possible while a label depends on the single request. */
  createSeries(endpoint: string, method: unknown, statuses: readonly number[]): void {
    if (!this.isDynamic) this.routeOf(endpoint, method).createSeries(statuses);
  }

  routeOf(endpoint: string, method: unknown): RouteMetrics {
    const known = this.#routes.has(endpoint) || this.#routes.size < MAX_ENDPOINTS ? endpoint : OVERFLOW;
    const methods = this.#routes.get(known) ?? new Map<unknown, RouteMetrics>();
    this.#routes.set(known, methods);
    const label = methodLabel(method, this.otherMethod);
    let route = methods.get(label);
    if (route === undefined) {
      route = new RouteMetrics(this, { method: label, endpoint: known });
      methods.set(label, route);
    }
    return route;
  }

  /** The series of one response. `attributes` are those of the route, with the status. */
  bind(attributes: Values, status: number, response: ServerResponse): RouteSeries {
    const values = this.#valuesOf(attributes, status, response);
    return {
      count: this.#count?.labels(this.#labelsOf(this.#count, values)),
      duration: this.#duration.labels(this.#labelsOf(this.#duration, values)),
    };
  }

  /** Creates the series of a route and status at 0. They come on top of the limit, because routes are known. */
  reserve(attributes: Values, status: number): void {
    const values = this.#valuesOf(attributes, status);
    for (const instrument of [this.#count, this.#duration]) {
      const labels = Object.entries(instrument === undefined ? {} : this.#labelsOf(instrument, values));
      instrument?.createSeries(
        Object.fromEntries(labels.map(([name, value]) => [name, String(value ?? '')])),
      );
    }
  }

  /** The trace of a request, if it can be an exemplar. */
  traceIdOf(request: IncomingMessage): string | undefined {
    const { traceIdOf } = this.#options;
    if (traceIdOf === undefined || !this.#duration.enableExemplars) return undefined;
    const traceId = this.guard(() => traceIdOf(request), undefined);
    return typeof traceId === 'string' && traceId.length <= MAX_TRACE_ID_LENGTH ? traceId : undefined;
  }

  /** What a function of the program returns. When it throws: `otherwise`, and a warning for the first time. */
  guard<R>(run: () => R, otherwise: R): R {
    try {
      return run();
    } catch (error) {
      if (!this.#hasWarned) warn(`a function in the options of the HTTP metrics failed: ${textOf(error)}`);
      this.#hasWarned = true;
      return otherwise;
    }
  }

  /** Without a response, what it would tell is missing. */
  #valuesOf(attributes: Values, status: number, response?: ServerResponse): Values {
    const { service, labels = {}, statusLabel = 'code' } = this.#options;
    const further = Object.entries(labels).map(([name, label]) => {
      if (typeof label !== 'function') return [name, label] as const;
      return [name, response && this.guard(() => label(response.req, response), '')] as const;
    });
    return {
      ...Object.fromEntries(further),
      ...attributes,
      service,
      status: statusLabel === 'code' ? String(status) : `${Math.floor(status / 100)}xx`,
      errorType: status >= 500 || status === ABORTED_STATUS ? String(status) : '',
      ...(this.isDynamic && response && connectionOf(response)),
    };
  }

  #inProgressOf(response: ServerResponse, method: unknown): GaugeChild {
    const { service } = this.#options;
    const values = { service, method: methodLabel(method, this.otherMethod), ...connectionOf(response) };
    return this.#inProgress.labels(this.#labelsOf(this.#inProgress, values));
  }

  #labelsOf({ labelNames }: { readonly labelNames: readonly string[] }, values: Values) {
    const given = labelNames.map((name) => [name, values[this.#attributes[name] ?? name]] as const);
    return Object.fromEntries(given) as Record<string, string>; // the table takes any value
  }
}

/** Attributes of the connection, as OpenTelemetry writes them. An HTTP/2 session that is gone has no socket to read. */
function connectionOf({ req }: ServerResponse): Values {
  try {
    const { httpVersion, socket, scheme } = req as IncomingMessage & { scheme?: string }; // HTTP/2 has a scheme
    const isEncrypted =
      scheme === undefined && (socket as { encrypted?: boolean } | undefined)?.encrypted === true;
    return {
      scheme: scheme ?? (isEncrypted ? 'https' : 'http'),
      protocolVersion: httpVersion === '2.0' ? '2' : httpVersion,
    };
  } catch {
    return { scheme: 'http', protocolVersion: undefined }; // also for an injected response without a request
  }
}

interface RouteSeries {
  readonly count: CounterChild | undefined;
  readonly duration: HistogramChild;
}

/** The series of one route and method. They are bound once, so that a request looks up no label. */
class RouteMetrics implements Settler {
  readonly #metrics: HttpMetrics;
  readonly #attributes: Values;
  readonly #series = new Map<number, RouteSeries>();

  constructor(metrics: HttpMetrics, attributes: Values) {
    this.#metrics = metrics;
    this.#attributes = attributes;
  }

  createSeries(statuses: readonly number[]): void {
    for (const status of statuses) this.#metrics.reserve(this.#attributes, status);
  }

  settle(response: ServerResponse, durationSeconds: number): void {
    const status = isCutOff(response) ? ABORTED_STATUS : response.statusCode;
    let series = this.#series.get(status);
    if (series === undefined) {
      series = this.#metrics.bind(this.#attributes, status, response);
      if (!this.#metrics.isDynamic) this.#series.set(status, series);
    }
    series.count?.inc();
    const traceId = this.#metrics.traceIdOf(response.req);
    series.duration.observe(durationSeconds, traceId === undefined ? undefined : { trace_id: traceId });
  }
}

interface Settler {
  settle(response: ServerResponse, durationSeconds: number): void;
}

const followed = Symbol('followed request');
const startTime = Symbol('start time');
const gauge = Symbol('requests in progress');

interface FollowedResponse extends ServerResponse {
  [followed]?: Settler;
  [startTime]?: number;
  [gauge]?: GaugeChild;
}

function follow(response: FollowedResponse, settler: Settler, inProgress: GaugeChild): void {
  if (response[followed] !== undefined) return;
  response[followed] = settler;
  response[startTime] = performance.now();
  response[gauge] = inProgress;
  inProgress.inc();
  response.on('close', settle);
}

/** Returns a function that counts another response as one of the same route; undefined for one that is not counted. */
export function followLike(counted: FollowedResponse): ((response: ServerResponse) => void) | undefined {
  const { [followed]: settler, [gauge]: inProgress } = counted;
  if (settler === undefined || inProgress === undefined) return undefined;
  return (response) => follow(response, settler, inProgress);
}

/** One listener for all responses. A closure for each would cost more than the counting. */
function settle(this: FollowedResponse): void {
  this.off('close', settle);
  this[gauge]?.dec();
  this[followed]?.settle(this, (performance.now() - (this[startTime] ?? 0)) / 1000);
}

/** Counts a request now that would stay open for hours: a stream whose headers are sent. Its end counts no more. */
export function countNow(response: ServerResponse): void {
  if ((response as FollowedResponse)[followed] !== undefined) settle.call(response);
}

/** Leaves a time out of a request's duration: that for which the client asked the server to wait. */
export function leaveOutWait(response: FollowedResponse, waitMs: number): void {
  if (response[startTime] !== undefined) response[startTime] += waitMs;
}

/**
 * Whether a closed response was not sent to its end. HTTP/2 tells by the stream: its response says `writableFinished`
 * in either case. Injected responses have no socket that could be destroyed.
 */
function isCutOff(response: ServerResponse): boolean {
  const { stream } = response as { stream?: { rstCode?: number } };
  if (stream !== undefined) return !response.writableEnded || (stream.rstCode ?? 0) !== 0;
  return !response.writableFinished && response.socket?.destroyed !== false;
}
