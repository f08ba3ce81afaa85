import { THRESHOLDS } from '../../../../src/shared/http-contract/thresholds.ts';
import { formatValue, plain } from '../../format/quantity.ts';
import { visibleText } from '../../format/visible-text.ts';
import { counted, type TimelineLine } from '../line.ts';
import type { SeenGroup } from '../seen-groups.ts';
import { breakSeconds, type Grid, type Interval, intervalsOf, type Points, timesOf } from './intervals.ts';
import { seriesOf, type TimelineSeries } from './series-query.ts';

/**
 * Groups of errors of tasks that died, with how to retry those that are dead still. A group that grew just now holds still.
 */
export function errorLines(groups: readonly SeenGroup[], grid: Grid): TimelineLine[] {
  const { start } = grid;
  return groups.flatMap(({ event_type, error, count, since, last, dead }) => {
    if (last === null) return [];
    const [first, end] = [Date.parse(since ?? last) / 1000, Date.parse(last) / 1000];
    const isNow = dead > 0 && end > first && end >= grid.end - breakSeconds(grid);
    const tasks = { status: 'dead', type: event_type, group: error };
    const line: TimelineLine = {
      time: Math.max(first, start),
      ...(first < start && { isOlder: true }),
      ...(isNow ? { isNow } : end > first && { end }),
      tone: dead > 0 ? 'failure' : 'warning',
      text: `${counted(count, 'task', 'tasks')} of ${event_type} died: ${visibleText(error || 'no message')}${sinceThen(count, dead)}`,
      panel: 'tasks_given_up',
      ...(dead > 0 && {
        tasks,
        action: { text: `Retry ${dead === 1 ? 'it' : 'them'}`, tasks: { ...tasks, act: 'retry' } },
      }),
    };
    return [line];
  });
}

/** What became of a group, as by a retry. */
function sinceThen(count: number, dead: number): string {
  if (dead >= count) return '';
  return dead === 0 ? ' (not dead any more)' : ` (${plain(dead)} still dead)`;
}

/** Times at which attempts failed, tasks died and tasks stalled. */
export function failureLines(series: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  const intervals = (mark: 'failed' | 'dead' | 'stalled', above: number) =>
    seriesOf(series, mark).flatMap(({ metric, values }) =>
      intervalsOf(values, grid, (value) => value > above).map((each) => ({ each, metric, values })),
    );
  const ended = ({ start, end }: Interval) => `${Math.floor(start) - RATE_SECONDS}-${Math.ceil(end) + 1}`;
  return [
    ...intervals('failed', THRESHOLDS.failedAttempts).map(
      ({ each }): TimelineLine => ({
        ...timesOf(each),
        tone: 'failure',
        text: `Up to ${formatValue(each.highest, 'ratio')} of attempts failed, in five minutes each`,
        panel: 'event_failures',
      }),
    ),
    ...intervals('dead', 0).map(
      ({ each, metric: { event_type = '' }, values }): TimelineLine => ({
        ...timesOf(each),
        isNow: false, // the errors say what is dead now
        end: each.end,
        tone: 'warning',
        text: givenUp(event_type, countWithin(each, values, grid)),
        panel: 'tasks_given_up',
        tasks: { status: 'dead', type: event_type, ended: ended(each) },
      }),
    ),
    ...intervals('stalled', 0).map(
      ({ each }): TimelineLine => ({
        ...timesOf(each),
        isNow: false,
        end: each.end,
        tone: 'warning',
        text: 'Tasks stalled: a worker died, hung or lost Redis. They run again',
        panel: 'event_failures',
        isOfWorkers: true,
      }),
    ),
  ];
}

/** The increase at a point is that of the minute before it. */
const RATE_SECONDS = 60;

/** How much a counter rose in an interval, by its increases. Undefined: there is less than one point a minute. */
function countWithin({ start, end }: Interval, values: Points, { step }: Grid): number | undefined {
  if (step > RATE_SECONDS) return undefined;
  const within = values.filter(([time]) => time >= start && time <= end);
  const sum = within.reduce((total, [, value]) => total + Number(value), 0);
  return Math.max(1, Math.round((sum * step) / RATE_SECONDS));
}

function givenUp(eventType: string, count: number | undefined): string {
  if (count === undefined) return `Tasks of ${eventType} were given up`;
  return `About ${counted(count, 'task', 'tasks')} of ${eventType} ${count === 1 ? 'was' : 'were'} given up`;
}
