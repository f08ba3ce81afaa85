import type { AuditObserver } from '../../shared/service/access/audit.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { STATE_CHANGES } from './catalogue/http.ts';
import { withKnownSeries } from './known-series.ts';

/** Counts state-changing calls in the registry. */
export function createAuditObserver(registry: MetricsRegistry, service: string): AuditObserver {
  const changes = withKnownSeries(registry, STATE_CHANGES, { service });
  return (action, result) => changes.inc({ service, action, result });
}
