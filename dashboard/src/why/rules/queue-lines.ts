import type { QueueState } from '../../../../src/shared/http-contract/queue.ts';
import { THRESHOLDS } from '../../../../src/shared/http-contract/thresholds.ts';
import { plain } from '../../format/quantity.ts';
import { formatDuration } from '../../format/time.ts';
import { counted, type TimelineLine } from '../line.ts';
import { growthOf } from './growth.ts';
import { type Grid, type Interval, intervalsOf, timesOf } from './intervals.ts';
import { seriesOf, type TimelineSeries } from './series-query.ts';

const { oldestAgeSeconds, growingBacklog } = THRESHOLDS;

/** What the queue's series say: pauses, tasks that waited for too long, and Redis that was away. */
export function queueLines(series: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  const lines = (
    mark: 'paused' | 'oldest' | 'redis',
    holds: (value: number) => boolean,
    line: (
      interval: Interval,
      metric: TimelineSeries['metric'],
    ) => Pick<TimelineLine, 'tone' | 'text' | 'panel'>,
  ) =>
    seriesOf(series, mark).flatMap(({ metric, values }) =>
      intervalsOf(values, grid, holds).map(
        (each): TimelineLine => ({ ...timesOf(each), ...line(each, metric) }),
      ),
    );
  return [
    ...lines(
      'paused',
      (value) => value === 1,
      ({ isNow }) => ({
        tone: 'warning',
        text: isNow ? 'The queue is paused' : 'The queue was paused',
        panel: 'queue_depth',
      }),
    ),
    ...lines(
      'oldest',
      (age) => age > oldestAgeSeconds.warning,
      ({ highest }) => ({
        tone: highest > oldestAgeSeconds.critical ? 'failure' : 'warning',
        text: `Tasks waited for longer than ${formatDuration(oldestAgeSeconds.warning)}: up to ${formatDuration(Math.round(highest))}`,
        panel: 'oldest_age',
      }),
    ),
    ...lines(
      'redis',
      (up) => up === 0,
      ({ isNow }, { service }) => ({
        tone: 'failure',
        text: `${service} ${isNow ? 'cannot' : 'could not'} write to Redis`,
        panel: 'redis_up',
      }),
    ),
  ];
}

/** What holds of the queue now, from Redis; the rate is from the series, if they are known. */
export function queueNowLines(
  queue: QueueState,
  series: readonly TimelineSeries[],
  grid: Grid,
): TimelineLine[] {
  const { paused, workers, tasks, oldest_age_seconds: oldest } = queue;
  const now = { time: grid.end, isNow: true, isSeenOnly: true };
  const lines: TimelineLine[] = [];
  const isPauseKnown = queueLines(series, grid).some(({ isNow, panel }) => isNow && panel === 'queue_depth');
  if (paused && !isPauseKnown)
    lines.push({ ...now, tone: 'warning', text: 'The queue is paused', panel: 'queue_depth' });
  for (const { event_type, since, by, tasks: waiting } of queue.paused_event_types) {
    const atMs = Date.parse(since ?? '');
    lines.push({
      ...(Number.isNaN(atMs) ? now : sinceWithin(atMs / 1000, grid)),
      tone: 'warning',
      text: `${event_type} is paused by ${by || 'somebody'}: ${counted(waiting, 'task waits', 'tasks wait')}`,
      panel: 'queue_depth',
      tasks: { type: event_type },
    });
  }
  if (workers === 0) lines.push({ ...now, tone: 'failure', text: 'No worker is live', isOfWorkers: true });
  if (tasks.waiting > growingBacklog || (tasks.waiting > 0 && oldest > oldestAgeSeconds.warning)) {
    lines.push({
      ...now,
      ...backlogLine(queue, growthOf(seriesOf(series, 'waiting')[0]?.values ?? [], grid)),
    });
  }
  return lines;
}

function sinceWithin(since: number, { start }: Grid) {
  return { time: Math.max(since, start), isNow: true, isOlder: since < start };
}

function backlogLine({ tasks, oldest_age_seconds: oldest }: QueueState, growth: number | undefined) {
  const waiting = `${counted(tasks.waiting, 'task waits', 'tasks wait')}, the oldest for ${formatDuration(Math.round(oldest))}`;
  const change =
    growth === undefined
      ? ''
      : growth > 0
        ? `; the queue grows by ${plain(growth)}/s`
        : growth < 0
          ? `; it drains in ${formatDuration(Math.round(tasks.waiting / -growth))} at the present rate`
          : '; their number stays the same';
  const isLate = oldest > oldestAgeSeconds.critical;
  return {
    tone: isLate ? ('failure' as const) : ('warning' as const),
    text: `${waiting}${change}`,
    panel: 'queue_depth',
    tasks: { status: 'queued' },
  };
}
