import type { WorkerDetail } from '../../../../src/shared/http-contract/workers.ts';
import { counted, type TimelineLine } from '../line.ts';
import { breakSeconds, type Grid, gapsOf, intervalsOf, timesOf } from './intervals.ts';
import { seriesOf, type TimelineSeries } from './series-query.ts';

const seconds = (iso: string) => Date.parse(iso) / 1000;

/** What the workers themselves announced, through Redis. */
export function workerLines(workers: readonly WorkerDetail[]): TimelineLine[] {
  return workers.flatMap((worker) => {
    const { host, pid, version, state, active } = worker;
    const name = `Worker ${host}, process ${pid},`;
    const joined: TimelineLine = {
      time: seconds(worker.since),
      tone: 'neutral',
      text: `${name} joined with version ${version}`,
      isOfWorkers: true,
    };
    const seen = { time: seconds(worker.last_seen), isOfWorkers: true };
    const busy =
      active.length === 0 ? '' : `; ${counted(active.length, 'task was', 'tasks were')} active on it`;
    switch (state) {
      case 'vanished':
        return [joined, { ...seen, tone: 'failure', text: `${name} vanished: it was last seen then${busy}` }];
      case 'stopped':
        return [joined, { ...seen, tone: 'neutral', text: `${name} stopped as it should` }];
      case 'draining':
        return [
          joined,
          {
            ...seen,
            isNow: true,
            isSeenOnly: true,
            tone: 'active',
            text: `${name} drains: it takes no more tasks`,
          },
        ];
      default:
        return [joined];
    }
  });
}

/** Versions that changed, processes that started, and those whose scrapes failed. */
export function processLines(series: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  return [
    ...versionLines(series, grid),
    ...startLines(series, grid),
    ...downLines(series, grid),
    ...gapLines(series, grid),
  ];
}

/** A version is new when its service ran another one before. The counts are those of the newest points. */
function versionLines(all: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  const series = seriesOf(all, 'version').filter(({ values }) => values.length > 0);
  return series.flatMap(({ metric: { service, version }, values }) => {
    const first = values[0]?.[0] ?? grid.start;
    const same = series.filter(({ metric }) => metric.service === service);
    if (!same.some((other) => (other.values[0]?.[0] ?? first) < first)) return [];
    const isCurrent = ({ values: points }: TimelineSeries) =>
      (points.at(-1)?.[0] ?? 0) >= grid.end - breakSeconds(grid);
    const count = (one: TimelineSeries) => (isCurrent(one) ? Number(one.values.at(-1)?.[1]) : 0);
    const total = same.reduce((sum, one) => sum + count(one), 0);
    const own = same.find(({ metric }) => metric.version === version);
    const where = `on ${own === undefined ? 0 : count(own)} of ${counted(total, 'process', 'processes')} at the end`;
    return [{ time: first, tone: 'active', text: `Version ${version} of ${service} is new: ${where}` }];
  });
}

/** The value is the time of the start. */
function startLines(all: readonly TimelineSeries[], { start, end }: Grid): TimelineLine[] {
  return seriesOf(all, 'start').flatMap(({ metric: { service, instance }, values }) =>
    [...new Set(values.map(([, value]) => Math.floor(Number(value))))]
      .filter((time) => time >= start && time <= end)
      .map((time): TimelineLine => ({ time, tone: 'neutral', text: `${service} at ${instance} started` })),
  );
}

function downLines(all: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  return seriesOf(all, 'down').flatMap(({ metric: { job, instance }, values }) =>
    intervalsOf(values, grid, (up) => up === 0).map(
      (interval): TimelineLine => ({
        ...timesOf(interval),
        tone: 'failure',
        text: `No scrape of ${job} at ${instance} ${interval.isNow ? 'succeeds' : 'succeeded'}`,
        panel: 'memory',
      }),
    ),
  );
}

function gapLines(all: readonly TimelineSeries[], grid: Grid): TimelineLine[] {
  const steady = (['version', 'waiting', 'down'] as const).flatMap((mark) => seriesOf(all, mark));
  return gapsOf(
    steady.map(({ values }) => values),
    grid,
  ).map((gap) => ({
    time: gap.start,
    end: gap.end,
    tone: 'warning',
    text: 'The TSDB has no samples: it was away, or its scrapes were',
    panel: 'memory',
  }));
}
