import type { MetricsRegistry } from '../metrics/registry.ts';
import { WEBHOOK_DELIVERIES, WEBHOOK_OUTBOX } from './catalogue/webhooks.ts';
import { withKnownSeries } from './known-series.ts';

/** What the workers report of webhooks. */
export interface WebhookObserver {
  /** Makes the series of these webhooks. */
  know(webhooks: readonly string[]): void;
  tried(webhook: string, outcome: 'delivered' | 'failed' | 'gone' | 'skipped'): void;
  /** How many ends wait to become deliveries. */
  outbox(size: number): void;
}

export function createWebhookObserver(registry: MetricsRegistry, service: string): WebhookObserver {
  const deliveries = registry.instrument(WEBHOOK_DELIVERIES);
  const outbox = registry.instrument(WEBHOOK_OUTBOX);
  outbox.set({ service }, 0);
  return {
    know: (webhooks) => {
      withKnownSeries(registry, WEBHOOK_DELIVERIES, { service, webhook: webhooks });
    },
    tried: (webhook, outcome) => deliveries.inc({ service, webhook, outcome }),
    outbox: (size) => outbox.set({ service }, size),
  };
}
