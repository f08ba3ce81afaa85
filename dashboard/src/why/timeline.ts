import type { HealthReport } from '../../../src/shared/http-contract/health.ts';
import type { QueueState } from '../../../src/shared/http-contract/queue.ts';
import type { WorkerList } from '../../../src/shared/http-contract/workers.ts';
import type { Alert } from '../overview/alerts.ts';
import { linesWithin, type TimelineLine } from './line.ts';
import { errorLines, failureLines } from './rules/failure-lines.ts';
import { breakSeconds, type Grid } from './rules/intervals.ts';
import { alertLines, changeLines, redisLines } from './rules/other-lines.ts';
import { processLines, workerLines } from './rules/process-lines.ts';
import { queueLines, queueNowLines } from './rules/queue-lines.ts';
import type { TimelineSeries } from './rules/series-query.ts';
import type { SeenGroup } from './seen-groups.ts';

/** What a source answered, or why it did not. */
export type Answer<T> = { readonly data: T } | { readonly missing: string };

/** All that the timeline is made of. Each may be missing: then its lines are, and the page says so. */
export interface Answers {
  readonly series: Answer<readonly TimelineSeries[]>;
  readonly workers: Answer<WorkerList>;
  readonly errors: Answer<{ readonly groups: readonly SeenGroup[] }>;
  readonly queue: Answer<QueueState>;
  readonly readiness: Answer<HealthReport>;
  readonly alerts: Answer<readonly Alert[]>;
}

/** What is missing when a source is, for people. */
export const SOURCES: Readonly<Record<keyof Answers, string>> = {
  series: 'The TSDB: versions, scrapes, Redis, waiting times, failures and changes over time',
  workers: 'The workers, as they announce themselves in Redis',
  errors: 'The errors of dead tasks',
  queue: 'The queue as it is now',
  readiness: 'The health of the orchestrator',
  alerts: 'The alerts',
};

export interface Timeline {
  readonly grid: Grid;
  /** Whether it reaches until now. Sources that know the present only say nothing of an earlier window. */
  readonly isLive: boolean;
  readonly lines: readonly TimelineLine[];
  /** Sources that did not answer, and why. */
  readonly missing: readonly { readonly source: string; readonly reason: string }[];
}

const dataOf = <T>(answer: Answer<T>): T | undefined => ('data' in answer ? answer.data : undefined);

/** Writes the timeline from what the sources answered. `now` in Unix seconds. */
export function timelineOf(answers: Answers, grid: Grid, now: number): Timeline {
  const isLive = grid.end >= now - breakSeconds(grid);
  const series = dataOf(answers.series) ?? [];
  const [workers, errors, queue] = [dataOf(answers.workers), dataOf(answers.errors), dataOf(answers.queue)];
  const readiness = dataOf(answers.readiness);
  const alerts = isLive ? (dataOf(answers.alerts) ?? []) : [];
  const lines = [
    ...processLines(series, grid),
    ...queueLines(series, grid),
    ...failureLines(series, grid),
    ...changeLines(series, grid),
    ...alertLines(alerts, series, grid),
    ...workerLines(workers?.workers ?? []),
    ...(errors === undefined ? [] : errorLines(errors.groups, grid)),
    ...(isLive && queue !== undefined ? queueNowLines(queue, series, grid) : []),
    ...(isLive && readiness !== undefined ? redisLines(readiness, grid) : []),
  ];
  const missing = Object.entries(answers).flatMap(([name, answer]) =>
    'missing' in answer ? [{ source: SOURCES[name as keyof Answers], reason: answer.missing }] : [],
  );
  return { grid, isLive, lines: linesWithin(lines, grid), missing };
}
