import type { AuditObserver } from '../../shared/service/access/audit.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';
import { STATE_CHANGES } from './catalogue/http.ts';

/** Counts state-changing calls in the registry. */
export function createAuditObserver(registry: MetricsRegistry, service: string): AuditObserver {
  const changes = registry.instrument(STATE_CHANGES);
  return (action, result) => changes.inc({ service, action, result });
}
