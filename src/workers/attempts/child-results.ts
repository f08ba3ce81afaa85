import type { Redis } from 'ioredis';
import { parseJson } from '../../shared/queue/bullmq-fields.ts';
import { readChildResults } from '../../shared/queue/bullmq-flow-reading.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';
import type { Flow, FlowTask } from '../../shared/queue/flow.ts';
import type { ChildResult } from '../handler.ts';
import { permanentFailure } from './failure.ts';

/** So much the results of all children of a task may have: a handler gets them at once. */
const MAX_RESULT_BYTES = 4 * 1024 * 1024;

/** What a handler learns of the tasks that its task waited for. */
export interface Results {
  readonly children: readonly ChildResult[];
  readonly previous: ChildResult | undefined;
  /** When the task became due, in Unix milliseconds by Redis's clock; 0: not known. */
  readonly dueMs: number;
}

export const NO_RESULTS: Results = { children: [], previous: undefined, dueMs: 0 };

/** Reads the results for a task that waited for others; rejects as the connection does. */
export type ReadResults = (id: string, flow: Flow) => Promise<Results>;

/** The results of up to 4 MiB in all. More of them make the task dead. */
export function createResultReader(redis: Redis, keyOf: KeyOf): ReadResults {
  return async (id, { children, previous }) => {
    const tasks = previous === undefined ? children : [...children, previous];
    if (tasks.length === 0) return NO_RESULTS;
    const ids = tasks.map((task) => task.id);
    const read = await readChildResults(redis, keyOf, { id, children: ids, maxBytes: MAX_RESULT_BYTES });
    if (read.ends === undefined) {
      throw permanentFailure(
        'not_retryable',
        `Expected results of up to ${MAX_RESULT_BYTES} bytes of the tasks before; got ${read.bytes}.`,
      );
    }
    const results = tasks.map((task, i) => resultOf(task, read.ends?.[i]));
    return {
      children: results.slice(0, children.length),
      previous: previous && results.at(-1),
      dueMs: read.dueMs,
    };
  };
}

/** What is not there any more counts as dead: the handler must not take it for a result. */
function resultOf(
  { id, eventType }: FlowTask,
  end: { readonly isCompleted: boolean; readonly text: string } | undefined,
): ChildResult {
  if (end?.isCompleted) {
    return { id, eventType, status: 'completed', result: parseJson(end.text) ?? null, error: undefined };
  }
  return { id, eventType, status: 'dead', result: null, error: end?.text || 'not known any more' };
}
