import { define } from './entry.ts';
import { timeBuckets } from './time-buckets.ts';

export const COLLECTOR_ERRORS = define({
  type: 'counter',
  name: 'asdlc_metrics_collector_errors_total',
  help: 'Collectors that failed or were late at a scrape; the scrape got all other metrics.',
  labelNames: ['service', 'collector'],
  question: 'Is a collector broken?',
  query: 'sum by (service, collector) (increase(asdlc_metrics_collector_errors_total[15m])) > 0',
});

export const SCRAPES = define({
  type: 'counter',
  name: 'asdlc_metrics_scrapes_total',
  help: 'Scrapes of /metrics answered, by HTTP status.',
  labelNames: ['service', 'code'],
  question: 'Which scrapes are refused?',
  query: 'sum by (service, code) (rate(asdlc_metrics_scrapes_total[5m]))',
});

export const SCRAPE_DURATION = define({
  type: 'histogram',
  name: 'asdlc_metrics_scrape_duration_seconds',
  help: 'Time to answer a scrape of /metrics: collectors, rendering and sending together.',
  labelNames: ['service'],
  buckets: timeBuckets(0.001, 4),
  question: 'What does a scrape cost?',
  query:
    'histogram_quantile(0.99, sum by (le, service) (rate(asdlc_metrics_scrape_duration_seconds_bucket[15m])))',
});

export const SERIES = define({
  type: 'gauge',
  name: 'asdlc_metrics_series',
  help: 'Live series of the instruments of this process; a histogram counts once for each label set.',
  labelNames: ['service'],
  question: 'Does the number of series grow?',
  query: 'max by (service) (asdlc_metrics_series)',
});

export const LABEL_OVERFLOW = define({
  type: 'counter',
  name: 'asdlc_metrics_label_overflow_total',
  help: 'Uses of a new label set past the limit of its metric, counted in its overflow series instead.',
  labelNames: ['service', 'metric'],
  question: 'Has a metric too many label sets?',
  query: 'increase(asdlc_metrics_label_overflow_total[1h]) > 0',
});
