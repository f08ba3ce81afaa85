import { THRESHOLDS } from '../../../shared/http-contract/thresholds.ts';
import { type Alert, type AlertSettings, increaseOf, MINUTE, panelPath } from './alert.ts';

/** Alerts on the processes: whether they are there, and whether they have room to work. */
export function processAlerts({ memoryBytes }: AlertSettings): readonly Alert[] {
  return [
    {
      name: 'TargetDown',
      severity: 'critical',
      expr: 'up{job=~"asdlc-.+"} == 0',
      forSeconds: 2 * MINUTE,
      summary: 'No scrape of {{ $labels.job }} at {{ $labels.instance }} succeeds',
      description: 'The process is down or hangs, or the scraper cannot reach it. Its metrics are missing.',
      dashboard: '/',
    },
    {
      name: 'OrchestratorMissing',
      severity: 'critical',
      expr: 'absent(asdlc_query_in_flight)',
      forSeconds: 5 * MINUTE,
      summary: 'No orchestrator is scraped',
      description: 'Nobody accepts tasks, or the scraper has lost its targets.',
      dashboard: '/',
    },
    {
      name: 'WorkersMissing',
      severity: 'critical',
      expr: 'absent(asdlc_worker_slots)',
      forSeconds: 5 * MINUTE,
      summary: 'No worker process is scraped',
      description: 'Accepted tasks wait and nobody runs them, or the scraper has lost its targets.',
      dashboard: panelPath('worker_slots'),
    },
    {
      name: 'EventLoopBlocked',
      severity: 'warning',
      expr: `max by (service, instance) (nodejs_eventloop_lag_p99_seconds) > ${THRESHOLDS.eventLoopSeconds}`,
      forSeconds: 5 * MINUTE,
      summary: 'The event loop of {{ $labels.service }} at {{ $labels.instance }} is blocked',
      description:
        'Its 99th percentile is {{ $value | humanizeDuration }}. A blocked worker loses the locks of its tasks.',
      dashboard: panelPath('event_loop_delay'),
    },
    {
      name: 'ProcessMemory',
      severity: 'warning',
      expr: `max by (service, instance) (asdlc_process_memory_bytes{type="rss"}) > ${memoryBytes}`,
      forSeconds: 15 * MINUTE,
      summary: '{{ $labels.service }} at {{ $labels.instance }} uses {{ $value | humanize1024 }}B of memory',
      description: 'The process may end for want of memory. Its tasks then run again elsewhere.',
      dashboard: panelPath('memory'),
    },
    {
      name: 'LabelOverflow',
      severity: 'warning',
      expr: `${increaseOf('asdlc_metrics_label_overflow_total', ['service', 'metric'])} > 0`,
      forSeconds: 0,
      summary: '{{ $labels.metric }} has too many label sets',
      description: 'New label sets are counted in one overflow series. Numbers by label are incomplete.',
      dashboard: '/explore',
    },
    {
      name: 'CollectorErrors',
      severity: 'warning',
      expr: `${increaseOf('asdlc_metrics_collector_errors_total', ['service', 'collector'])} > 3`,
      forSeconds: 5 * MINUTE,
      summary: 'The collector {{ $labels.collector }} of {{ $labels.service }} fails',
      description: 'Its metrics are missing from scrapes. All others are there.',
      dashboard: '/explore',
    },
  ];
}
