import type { MetricsRegistry } from '../../infrastructure/metrics/index.ts';
import {
  QUERY_COALESCED,
  QUERY_IN_FLIGHT,
  QUERY_REJECTED,
  QUERY_REQUESTS,
  QUERY_UPSTREAM_DURATION,
} from '../../infrastructure/telemetry/catalogue.ts';
import { withKnownSeries } from '../../infrastructure/telemetry/known-series.ts';
import type { QueryObserver } from '../../infrastructure/victoria-metrics/query-runner.ts';

export interface QueryMetrics {
  /** The query API has a route of this name: its series exist from now on. */
  endpointAdded(endpoint: string): void;
  /** For the client of the TSDB. */
  readonly observer: QueryObserver;
  requestEnded(endpoint: string, status: number): void;
  rateLimited(endpoint: string): void;
}

/** What the alert on failing queries counts, and the statuses that it must not. */
const KNOWN_CODES = ['200', '400', '422', '500', '503'];

/** Registers the query API's own metrics. */
export function createQueryMetrics(registry: MetricsRegistry, service: string): QueryMetrics {
  const requests = registry.instrument(QUERY_REQUESTS);
  const duration = registry.instrument(QUERY_UPSTREAM_DURATION);
  const inFlight = registry.instrument(QUERY_IN_FLIGHT).labels({ service });
  const coalesced = registry.instrument(QUERY_COALESCED);
  const rejected = registry.instrument(QUERY_REJECTED);
  inFlight.set(0);
  return {
    endpointAdded: (endpoint) => {
      withKnownSeries(registry, QUERY_REQUESTS, { service, endpoint, code: KNOWN_CODES });
      for (const entry of [QUERY_UPSTREAM_DURATION, QUERY_COALESCED, QUERY_REJECTED]) {
        withKnownSeries(registry, entry, { service, endpoint });
      }
    },
    observer: {
      upstreamStarted: () => inFlight.inc(),
      upstreamEnded: (endpoint, durationSeconds) => {
        inFlight.dec();
        duration.observe({ service, endpoint }, durationSeconds);
      },
      coalesced: (endpoint) => coalesced.inc({ service, endpoint }),
      rejected: (endpoint, reason) => rejected.inc({ service, endpoint, reason }),
    },
    requestEnded: (endpoint, status) => requests.inc({ service, endpoint, code: String(status) }),
    rateLimited: (endpoint) => rejected.inc({ service, endpoint, reason: 'rate_limit' }),
  };
}
