import { define } from './entry.ts';

export const WEBHOOK_DELIVERIES = define({
  type: 'counter',
  name: 'asdlc_webhook_deliveries_total',
  help: 'Attempts to deliver to a webhook, by outcome; skipped ones were not tried, because its receiver had answered 410.',
  labelNames: ['service', 'webhook', 'outcome'],
  labelValues: { webhook: 'a name of WEBHOOKS_FILE', outcome: ['delivered', 'failed', 'gone', 'skipped'] },
  question: 'Do receivers take what webhooks tell them?',
  query: 'sum by (webhook, outcome) (rate(asdlc_webhook_deliveries_total[5m]))',
});

export const WEBHOOK_OUTBOX = define({
  type: 'gauge',
  name: 'asdlc_webhook_outbox',
  help: 'Ends of tasks that no worker has turned into deliveries yet; beyond 100,000 the oldest are lost.',
  labelNames: ['service'],
  question: 'Do ends of tasks pile up before they become deliveries?',
  query: 'max(asdlc_webhook_outbox)',
});
