import { dataOf, type TaskData } from '../../shared/queue/queue.ts';
import { traceIdOf } from '../../shared/trace-context.ts';
import type { TaskJob } from '../recovery/fetching-worker.ts';

/** Marks what is known of a task that came: kept on the job itself, where a WeakMap is slow to collect. */
const RUN = Symbol('run');
export interface Run {
  readonly data: TaskData;
  readonly traceId: string | undefined;
  /** How long the handler ran; undefined before its end, or when there was none to run. */
  seconds?: number;
}

/** What is known of a task, read from its job once. */
export function runOf(job: TaskJob & { [RUN]?: Run }): Run {
  let run = job[RUN];
  if (run === undefined) {
    const data = dataOf(job);
    run = { data, traceId: traceIdOf(data.traceparent) };
    job[RUN] = run;
  }
  return run;
}
