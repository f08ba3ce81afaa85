import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Counter, CounterChild } from '../instruments/counter.ts';
import type { DefinitionOf } from '../instruments/definition.ts';
import type { GaugeChild } from '../instruments/gauge.ts';
import type { Histogram, HistogramChild } from '../instruments/histogram.ts';
import type { MetricsRegistry } from '../registry.ts';
import { OVERFLOW } from '../series/series-table.ts';

/** The metrics that HTTP requests are counted and timed in. Pass others to choose names, helps and buckets. */
export interface HttpMetricDefinitions {
  readonly count: DefinitionOf<'counter', 'service' | 'method' | 'endpoint' | 'status'>;
  readonly duration: DefinitionOf<'histogram', 'service' | 'method' | 'endpoint'>;
  readonly inProgress: DefinitionOf<'gauge', 'service'>;
}

export interface HttpMetricsOptions {
  readonly registry: MetricsRegistry;
  /** The value of the label `service`. */
  readonly service: string;
  readonly definitions?: HttpMetricDefinitions;
  /** Upper bounds of the duration histogram in seconds, instead of its definition's. */
  readonly buckets?: readonly number[];
  /** `code` labels with the status itself (`404`), `class` with its class (`4xx`). Default: `code`. */
  readonly statusLabel?: 'code' | 'class';
  /** The id of a request's trace, which becomes the exemplar of its duration. Injected requests have no headers. */
  readonly traceIdOf?: (request: IncomingMessage) => string | undefined;
}

export const DEFAULT_HTTP_DEFINITIONS: HttpMetricDefinitions = {
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
};

/** The endpoint of requests that match no route: one series, whatever paths somebody tries. */
export const UNMATCHED = 'unmatched';

/** The status of a request whose client left before the end of the response. nginx uses the same. */
export const ABORTED_STATUS = 499;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Endpoints past this many share one series: somebody passes paths where patterns are expected. */
const MAX_ENDPOINTS = 1_000;

/** The longest trace id that fits into an exemplar beside its label's name. */
const MAX_TRACE_ID_LENGTH = 120;

/** A method as label value: one of HTTP's own (RFC 9110, PATCH), or `other`. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

/**
 * Counts and times requests by endpoint, method and status. It settles a request exactly once, when its raw
 * response closes. Node emits `close` for every response, sent or cut off; frameworks report only some.
 */
export class HttpMetrics {
  readonly #service: string;
  readonly #statusOf: (status: number) => string;
  readonly #count: Counter<'service' | 'method' | 'endpoint' | 'status'>;
  readonly #duration: Histogram<'service' | 'method' | 'endpoint'>;
  readonly #inProgress: GaugeChild;
  readonly #traceIdOf: HttpMetricsOptions['traceIdOf'];
  readonly #routes = new Map<string, Map<string, RouteMetrics>>();

  constructor({
    registry,
    service,
    definitions: { count, duration, inProgress } = DEFAULT_HTTP_DEFINITIONS,
    buckets,
    statusLabel = 'code',
    traceIdOf,
  }: HttpMetricsOptions) {
    this.#service = service;
    this.#statusOf = statusLabel === 'code' ? String : (status) => `${Math.floor(status / 100)}xx`;
    this.#count = registry.instrument(count);
    this.#duration = registry.instrument(buckets === undefined ? duration : { ...duration, buckets });
    this.#inProgress = registry.instrument(inProgress).labels({ service });
    this.#traceIdOf = this.#duration.enableExemplars ? traceIdOf : undefined;
  }

  /** Counts the request of this response, from now until it closes. `endpoint` is a route's pattern. */
  follow(response: ServerResponse, endpoint: string, method: string): void {
    const route = this.#routes.get(endpoint)?.get(method) ?? this.#bind(endpoint, methodLabel(method));
    route.follow(response);
  }

  #bind(endpoint: string, method: string): RouteMetrics {
    const known = this.#routes.has(endpoint) || this.#routes.size < MAX_ENDPOINTS ? endpoint : OVERFLOW;
    const methods = this.#routes.get(known) ?? new Map<string, RouteMetrics>();
    this.#routes.set(known, methods);
    let route = methods.get(method);
    if (route === undefined) {
      const labels = { service: this.#service, method, endpoint: known };
      route = new RouteMetrics({
        inProgress: this.#inProgress,
        duration: this.#duration.labels(labels),
        bindStatus: (status) => this.#count.labels({ ...labels, status: this.#statusOf(status) }),
        traceIdOf: this.#traceIdOf,
      });
      methods.set(method, route);
    }
    return route;
  }
}

const followed = Symbol('followed request');
const startTime = Symbol('start time');

interface FollowedResponse extends ServerResponse {
  [followed]?: RouteMetrics;
  [startTime]?: number;
}

interface RouteSeries {
  readonly inProgress: GaugeChild;
  readonly duration: HistogramChild;
  readonly bindStatus: (status: number) => CounterChild;
  readonly traceIdOf: HttpMetricsOptions['traceIdOf'];
}

/** The series of one route and method. They are bound once, so that a request looks up no label. */
class RouteMetrics {
  readonly #inProgress: GaugeChild;
  readonly #duration: HistogramChild;
  readonly #bindStatus: (status: number) => CounterChild;
  readonly #traceIdOf: HttpMetricsOptions['traceIdOf'];
  readonly #counts = new Map<number, CounterChild>();

  constructor({ inProgress, duration, bindStatus, traceIdOf }: RouteSeries) {
    this.#inProgress = inProgress;
    this.#duration = duration;
    this.#bindStatus = bindStatus;
    this.#traceIdOf = traceIdOf;
  }

  follow(response: FollowedResponse): void {
    if (response[followed] !== undefined) return;
    response[followed] = this;
    response[startTime] = performance.now();
    this.#inProgress.inc();
    response.on('close', settle);
  }

  settle(response: ServerResponse, durationSeconds: number): void {
    const status = isCutOff(response) ? ABORTED_STATUS : response.statusCode;
    let count = this.#counts.get(status);
    if (count === undefined) {
      count = this.#bindStatus(status);
      this.#counts.set(status, count);
    }
    this.#inProgress.dec();
    count.inc();
    const traceId = this.#traceIdOf?.(response.req);
    const isExemplar = traceId !== undefined && traceId.length <= MAX_TRACE_ID_LENGTH;
    this.#duration.observe(durationSeconds, isExemplar ? { trace_id: traceId } : undefined);
  }
}

/** One listener for all responses. A closure for each would cost more than the counting. */
function settle(this: FollowedResponse): void {
  this[followed]?.settle(this, (performance.now() - (this[startTime] ?? 0)) / 1000);
}

/** Whether a closed response was not sent to its end. Injected ones have no socket that could be destroyed. */
function isCutOff({ writableFinished, socket }: ServerResponse): boolean {
  return !writableFinished && socket?.destroyed !== false;
}
