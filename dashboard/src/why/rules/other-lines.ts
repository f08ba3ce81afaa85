import type { HealthReport } from '../../../../src/shared/http-contract/health.ts';
import { type Alert, alertsToShow, linkOf } from '../../overview/alerts.ts';
import type { TimelineLine } from '../line.ts';
import { type Grid, intervalsOf, timesOf } from './intervals.ts';
import { seriesOf, type TimelineSeries } from './series-query.ts';

/** What people did, in words, by the action that the API counts. */
const ACTIONS: Readonly<Record<string, string>> = {
  'task.remove': 'removed a task',
  'task.retry': 'retried a task',
  'task.cancel': 'cancelled a task',
  'task.run': 'ran a delayed task now',
  'task.bulk': 'changed many tasks',
  'queue.pause': 'paused the queue',
  'queue.resume': 'resumed the queue',
  'event_type.pause': 'paused an event type',
  'event_type.resume': 'resumed an event type',
  'schedule.put': 'changed a schedule',
  'schedule.remove': 'removed a schedule',
  'schedule.pause': 'paused a schedule',
  'schedule.resume': 'resumed a schedule',
  'schedule.run': 'ran a schedule now',
};

/** What somebody changed through the API. The counter does not know who: the audit lines do. */
export function changeLines(series: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  return seriesOf(series, 'changed').flatMap(({ metric: { action = '' }, values }) =>
    intervalsOf(values, grid, (count) => count > 0).map(
      (interval): TimelineLine => ({
        ...timesOf(interval),
        isNow: false,
        tone: 'neutral',
        text: `Somebody ${ACTIONS[action] ?? `called ${action}`}; the audit lines of the log say who`,
      }),
    ),
  );
}

/** Alerts that fire now, from the API, and those that fired and are resolved, from the series ALERTS if the TSDB has it. */
export function alertLines(
  alerts: readonly Alert[],
  series: readonly TimelineSeries[],
  grid: Grid,
): TimelineLine[] {
  const firing = alertsToShow(alerts).filter(({ state }) => state === 'firing');
  const now = firing.map(({ name, tone, summary, sinceMs, runbookUrl }): TimelineLine => {
    const since = (sinceMs ?? grid.end * 1000) / 1000;
    return {
      time: Math.max(since, grid.start),
      isOlder: since < grid.start,
      isNow: true,
      isSeenOnly: sinceMs === undefined,
      tone,
      text: `The alert ${name} fires: ${summary}`,
      runbook: linkOf(runbookUrl),
    };
  });
  const names = new Set(firing.map(({ name }) => name));
  const fired = seriesOf(series, 'alert').flatMap(({ metric: { alertname = '', severity }, values }) =>
    intervalsOf(values, grid, (value) => value === 1)
      .filter(({ isNow }) => !isNow || !names.has(alertname))
      .map((interval): TimelineLine => {
        const verb = interval.isNow ? 'fires' : 'fired, and is resolved';
        const tone = severity === 'critical' ? 'failure' : 'warning';
        return { ...timesOf(interval), tone, text: `The alert ${alertname} ${verb}` };
      }),
  );
  return [...now, ...fired];
}

/** Redis as the orchestrator sees it now. */
export function redisLines({ checks }: HealthReport, { end }: Pick<Grid, 'end'>): TimelineLine[] {
  const check = checks.redis;
  if (check?.status === 'up') return [];
  const reason = check?.error ?? 'not ready';
  return [
    {
      time: end,
      isNow: true,
      isSeenOnly: true,
      tone: 'failure',
      text: `Redis is down: ${reason}`,
      panel: 'redis_up',
    },
  ];
}
