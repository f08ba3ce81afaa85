import type { ServerResponse } from 'node:http';
import { traceIdOf, validTraceparent } from '../../../shared/trace-context.ts';
import { REQUEST_COUNT, REQUEST_LATENCY, REQUESTS_IN_PROGRESS } from '../../telemetry/catalogue.ts';
import type { CounterChild, GaugeChild, HistogramChild } from '../instruments/children.ts';
import type { Counter, Histogram } from '../instruments/instruments.ts';
import type { MetricsRegistry } from '../registry.ts';
import { OVERFLOW } from '../series/series-table.ts';

export interface HttpMetricsOptions {
  readonly registry: MetricsRegistry;
  readonly service: string;
  /** Upper bounds of the latency histogram in seconds; the catalogue's unless told otherwise. */
  readonly buckets?: readonly number[];
  /** `code` (as usual) labels with the status itself, `404`; `class` with its class, `4xx`. */
  readonly statusLabel?: 'code' | 'class';
}

/** Label value of requests that no route matched: one series, whatever paths are tried. */
export const UNMATCHED = 'unmatched';

/** nginx's status for a client that went away before it had its answer. */
export const ABORTED_STATUS = 499;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Endpoints beside this many are counted together: someone passes paths where patterns are expected. */
const MAX_ENDPOINTS = 1_000;

/** A method as label value: one of HTTP's own (RFC 9110, PATCH), or `other`. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

/**
 * Counts and times requests by endpoint, method and status. A request is settled exactly once, when its raw
 * response closes: Node tells that of each, sent to its end or cut off, while frameworks tell of some only.
 */
export class HttpMetrics {
  readonly #service: string;
  readonly #statusOf: (status: number) => string;
  readonly #count: Counter<'service' | 'method' | 'endpoint' | 'status'>;
  readonly #latency: Histogram<'service' | 'method' | 'endpoint'>;
  readonly #inProgress: GaugeChild;
  readonly #routes = new Map<string, Map<string, RouteMetrics>>();

  constructor({ registry, service, buckets, statusLabel = 'code' }: HttpMetricsOptions) {
    this.#service = service;
    this.#statusOf = statusLabel === 'code' ? String : (status) => `${Math.floor(status / 100)}xx`;
    this.#count = registry.instrument(REQUEST_COUNT);
    this.#latency = registry.instrument(
      buckets === undefined ? REQUEST_LATENCY : { ...REQUEST_LATENCY, buckets },
    );
    this.#inProgress = registry.instrument(REQUESTS_IN_PROGRESS).labels({ service });
  }

  /** Counts the request whose response this is, from now on until it closes. `endpoint` is a route's pattern. */
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
      route = new RouteMetrics(this.#inProgress, this.#latency.labels(labels), (status) =>
        this.#count.labels({ ...labels, status: this.#statusOf(status) }),
      );
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

/** The series of one route and method, bound once, so that a request looks up no label. */
class RouteMetrics {
  readonly #inProgress: GaugeChild;
  readonly #latency: HistogramChild;
  readonly #bindStatus: (status: number) => CounterChild;
  readonly #counts = new Map<number, CounterChild>();

  constructor(inProgress: GaugeChild, latency: HistogramChild, bindStatus: (status: number) => CounterChild) {
    this.#inProgress = inProgress;
    this.#latency = latency;
    this.#bindStatus = bindStatus;
  }

  follow(response: FollowedResponse): void {
    if (response[followed] !== undefined) return;
    response[followed] = this;
    response[startTime] = performance.now();
    this.#inProgress.inc();
    response.on('close', settle);
  }

  settle(status: number, durationSeconds: number, traceId: string | undefined): void {
    let count = this.#counts.get(status);
    if (count === undefined) {
      count = this.#bindStatus(status);
      this.#counts.set(status, count);
    }
    this.#inProgress.dec();
    count.inc();
    this.#latency.observe(durationSeconds, traceId === undefined ? undefined : { trace_id: traceId });
  }
}

/** One listener for all responses: a closure for each would cost more than the counting. */
function settle(this: FollowedResponse): void {
  const route = this[followed];
  if (route === undefined) return;
  const durationSeconds = (performance.now() - (this[startTime] ?? 0)) / 1000;
  route.settle(isCutOff(this) ? ABORTED_STATUS : this.statusCode, durationSeconds, traceIdOfRequest(this));
}

/** Injected requests have no headers here. */
function traceIdOfRequest({ req }: ServerResponse): string | undefined {
  const traceparent = req.headers?.traceparent;
  return traceparent === undefined ? undefined : traceIdOf(validTraceparent(traceparent));
}

/** Whether a closed response was not sent to its end. Injected ones have no socket that could be destroyed. */
function isCutOff({ writableFinished, socket }: ServerResponse): boolean {
  return !writableFinished && socket?.destroyed !== false;
}
