import type { TaskDetail } from '../../../../src/shared/http-contract/tasks.ts';
import { MAX_RANGE_SECONDS, type TimeWindow } from '../../view/view-parameters.ts';

/** How much the charts show before and after a task. */
const AROUND_SECONDS = 300;

export interface TaskCharts {
  readonly window: TimeWindow;
  /** What the overview marks: the id, and when the task ended, started or came, in Unix seconds. */
  readonly mark: { readonly task: string; readonly at: string };
}

type Timed = Pick<TaskDetail, 'id' | 'created_at' | 'started_at' | 'finished_at'>;

/** The charts at the time of a task; undefined if no time of it is known. */
export function chartsOf(
  { id, created_at, started_at, finished_at }: Timed,
  now: number,
): TaskCharts | undefined {
  const [first, last] = [started_at ?? created_at ?? finished_at, finished_at ?? started_at ?? created_at];
  if (first === null || last === null) return undefined;
  const [from, at] = [seconds(first), seconds(last)];
  const end = Math.max(from, Math.min(Math.max(now, at), at + AROUND_SECONDS));
  const start = Math.max(0, from - AROUND_SECONDS, end - MAX_RANGE_SECONDS);
  return {
    window: { start, end: Math.max(end, start + 2 * AROUND_SECONDS) },
    mark: { task: id, at: String(at) },
  };
}

function seconds(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
