import type { ChartMark } from '../../charts/plot/overlays.ts';
import { visibleText } from '../../format/visible-text.ts';

/** A series of `MARKS_QUERY`, as /query_range returns it. */
export interface MarkSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

const OF_SERVICES = 'asdlc_service_info';
const named = (query: string, mark: string) => `label_replace(${query}, "mark", "${mark}", "", "")`;

/** One query for all that charts mark: versions, starts of processes, and whether the queue is paused. */
export const MARKS_QUERY = [
  named(`count by (service, version) (${OF_SERVICES})`, 'version'),
  named(
    `max by (service, instance) (process_start_time_seconds and on (job, instance) ${OF_SERVICES})`,
    'start',
  ),
  named('max by (queue) (asdlc_queue_paused)', 'paused'),
].join(' or ');

interface Grid {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What happened in the window, oldest first: a version that is new, a process that started or ended, a pause. */
export function marksOf(series: readonly MarkSeries[], grid: Grid): ChartMark[] {
  const marks = series.flatMap((one) => {
    switch (one.metric.mark) {
      case 'version':
        return versionMarks(one, grid);
      case 'start':
        return processMarks(one, grid);
      default:
        return pauseMarks(one);
    }
  });
  return marks.sort((a, b) => a.time - b.time || (a.text < b.text ? -1 : 1));
}

/** A version that runs from the first point on was there before: only the others are new. */
function versionMarks({ metric, values }: MarkSeries, { start }: Grid): ChartMark[] {
  const [first] = values;
  if (first === undefined || first[0] <= start) return [];
  return [{ time: first[0], text: `${metric.service} ${metric.version} is new` }];
}

/** The value is the time of the start, to the second. A process whose series ends early is gone. */
function processMarks({ metric, values }: MarkSeries, { start, end, step }: Grid): ChartMark[] {
  const name = `${metric.service} ${metric.instance}`;
  const times = new Set(values.map(([, value]) => Number(value)));
  const marks = [...times]
    .filter((time) => time >= start && time <= end)
    .map((time) => ({ time, text: `${name} started` }));
  const last = values.at(-1);
  const isGone = last !== undefined && last[0] < end - Math.max(2 * step, GONE_SECONDS);
  return isGone ? [...marks, { time: last[0], text: `${name} ended` }] : marks;
}

/** The newest samples come late: a process is not gone because of them. */
const GONE_SECONDS = 60;

function pauseMarks({ values }: MarkSeries): ChartMark[] {
  return values.flatMap(([time, value], i) => {
    const before = values[i - 1]?.[1];
    if (before === undefined || before === value) return [];
    return [{ time, text: value === '1' ? 'The queue was paused' : 'The queue was resumed' }];
  });
}

/** The task that a URL marks: `task` is its id, and `at` its time in Unix seconds. */
export function taskMark(search: URLSearchParams): (ChartMark & { readonly task: string }) | undefined {
  const [task, at] = [search.get('task') ?? '', search.get('at') ?? ''];
  if (task === '' || !/^\d{1,11}$/.test(at)) return undefined;
  return { time: Number(at), text: `Task ${visibleText(task.slice(0, 8))}`, task };
}
