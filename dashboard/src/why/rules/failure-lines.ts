import type { ErrorGroups } from '../../../../src/shared/http-contract/errors.ts';
import { THRESHOLDS } from '../../../../src/shared/http-contract/thresholds.ts';
import { formatValue } from '../../format/quantity.ts';
import { visibleText } from '../../format/visible-text.ts';
import { counted, type TimelineLine } from '../line.ts';
import { breakSeconds, type Grid, type Interval, intervalsOf, timesOf } from './intervals.ts';
import { seriesOf, type TimelineSeries } from './series-query.ts';

/** Groups of errors of the dead tasks that are kept, with how to retry them. A group that grew just now holds still. */
export function errorLines({ groups }: Pick<ErrorGroups, 'groups'>, grid: Grid): TimelineLine[] {
  const { start } = grid;
  return groups.flatMap(({ event_type, error, count, since, last }) => {
    if (last === null) return [];
    const [first, end] = [Date.parse(since ?? last) / 1000, Date.parse(last) / 1000];
    const isNow = end > first && end >= grid.end - breakSeconds(grid);
    const tasks = { status: 'dead', type: event_type, group: error };
    const line: TimelineLine = {
      time: Math.max(first, start),
      ...(first < start && { isOlder: true }),
      ...(isNow ? { isNow } : end > first && { end }),
      tone: 'failure',
      text: `${counted(count, 'task', 'tasks')} of ${event_type} died: ${visibleText(error || 'no message')}`,
      panel: 'tasks_given_up',
      tasks,
      action: { text: `Retry ${count === 1 ? 'it' : 'them'}`, tasks: { ...tasks, act: 'retry' } },
    };
    return [line];
  });
}

/** Times at which attempts failed, tasks died and tasks stalled. */
export function failureLines(series: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  const intervals = (mark: 'failed' | 'dead' | 'stalled', above: number) =>
    seriesOf(series, mark).flatMap(({ metric, values }) =>
      intervalsOf(values, grid, (value) => value > above).map((each) => ({ each, metric })),
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
      ({ each, metric: { event_type = '' } }): TimelineLine => ({
        ...timesOf(each),
        isNow: false, // the errors say what is dead now
        end: each.end,
        tone: 'warning',
        text: `Tasks of ${event_type} were given up`,
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
