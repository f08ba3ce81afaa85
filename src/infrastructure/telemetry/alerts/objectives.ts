import { THRESHOLDS } from '../../../shared/http-contract/thresholds.ts';
import { REQUEST_LATENCY } from '../catalogue/http.ts';
import { type Alert, type AlertSettings, MINUTE, panelPath, type Recording } from './alert.ts';

/** This burn spends a fiftieth of a 30-day budget in an hour (Site Reliability Workbook, chapter 5). */
const BURN_RATE = 14.4;

const WINDOWS = ['5m', '1h'];

/** A failed /health/ready is no failed request: it says that another alert is due. */
const COUNTED = 'endpoint!~"/health.*|/metrics"';

/** A query is as slow as its author wants: the time limit counts the task API only. */
const TIMED = 'endpoint=~"/api/tasks.*|/api/queue.*"';

const REQUESTS = 'asdlc_http_requests_total';
const DURATION = 'asdlc_http_request_duration_seconds';

/** Throws for objectives that are no share, and for a time limit that is no bucket. */
export function checkObjectives(settings: AlertSettings): void {
  for (const name of ['availabilityObjective', 'latencyObjective'] as const) {
    const value = settings[name];
    if (!(value > 0 && value < 1)) throw new Error(`${name}: expected a share between 0 and 1; got ${value}`);
  }
  const buckets: readonly number[] = REQUEST_LATENCY.buckets;
  if (!buckets.includes(settings.latencySeconds))
    throw new Error(`latencySeconds: expected one of ${buckets.join(', ')}; got ${settings.latencySeconds}`);
}

/** The share of requests that failed, and of those that were slow, by service and window. */
export function objectiveRecordings({ latencySeconds }: AlertSettings): readonly Recording[] {
  return WINDOWS.flatMap((window) => {
    const rate = (selector: string) => `sum by (service) (rate(${selector}[${window}]))`;
    const all = rate(`${REQUESTS}{${COUNTED}}`);
    const failed = rate(`${REQUESTS}{${COUNTED},status=~"5.."}`);
    const timed = rate(`${DURATION}_count{${TIMED}}`);
    const fast = rate(`${DURATION}_bucket{${TIMED},le="${latencySeconds}"}`);
    return [
      {
        record: `asdlc:http_requests_failed:ratio_rate${window}`,
        expr: `(${failed} or 0 * ${all}) / ${all}`,
      },
      { record: `asdlc:http_requests_slow:ratio_rate${window}`, expr: `1 - ${fast} / ${timed}` },
    ];
  });
}

export function objectiveAlerts(settings: AlertSettings): readonly Alert[] {
  const { availabilityObjective, latencyObjective, latencySeconds } = settings;
  const burns = (ratio: string, objective: number) => {
    const limit = Number((BURN_RATE * (1 - objective)).toPrecision(6));
    return WINDOWS.map((window) => `asdlc:${ratio}:ratio_rate${window} > ${limit}`).join(' and ');
  };
  return [
    {
      name: 'AvailabilityBudgetBurn',
      severity: 'critical',
      expr: burns('http_requests_failed', availabilityObjective),
      forSeconds: 2 * MINUTE,
      summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} fail',
      description: `The objective is ${percent(availabilityObjective)} without 5xx. At this rate the budget of 30 days is gone in two days.`,
      dashboard: panelPath('error_ratio'),
    },
    {
      name: 'LatencyBudgetBurn',
      severity: 'critical',
      expr: burns('http_requests_slow', latencyObjective),
      forSeconds: 2 * MINUTE,
      summary: '{{ $value | humanizePercentage }} of the requests to {{ $labels.service }} are slow',
      description: `The objective is ${percent(latencyObjective)} of the task API's requests within ${latencySeconds} s. At this rate the budget of 30 days is gone in two days.`,
      dashboard: panelPath('request_latency'),
    },
    {
      name: 'QueriesFail',
      severity: 'warning',
      expr: `sum(rate(asdlc_query_requests_total{code=~"5.."}[5m])) / sum(rate(asdlc_query_requests_total[5m])) > ${THRESHOLDS.failedQueries}`,
      forSeconds: 10 * MINUTE,
      summary: '{{ $value | humanizePercentage }} of the queries fail',
      description:
        'The TSDB is down, slow or unreachable for the orchestrator. Charts and their users see errors.',
      dashboard: '/',
    },
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
