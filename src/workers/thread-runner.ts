import { createLogger } from '../shared/logging.ts';
import { asFailure, reasonOf } from './failure.ts';
import type { HandlerModule, TaskContext } from './handler.ts';

/** What crosses to a thread: a task context without what cannot. */
export interface ThreadTask extends Omit<TaskContext, 'signal' | 'logger'> {
  readonly moduleUrl: string;
  readonly service: string;
  readonly logLevel: string;
}

/** How a handler ended. An error that is thrown to another thread would lose `retryable`. */
export type ThreadOutcome =
  | { readonly result: unknown }
  | { readonly error: Error; readonly isPermanent: boolean };

/** Runs a handler in this thread. At the time limit the thread itself is ended, so its signal never aborts. */
export async function runTask(input: ThreadTask): Promise<ThreadOutcome> {
  const { moduleUrl, service, logLevel, ...task } = input;
  const { handlers } = (await import(moduleUrl)) as HandlerModule; // checked when the process loaded it
  const handler = handlers[task.eventType];
  if (handler === undefined) throw new Error(`expected a handler of ${task.eventType} in ${moduleUrl}`);
  const logger = createLogger({ service, level: logLevel }).child({
    task_id: task.id,
    event_type: task.eventType,
  });
  try {
    return { result: await handler({ ...task, signal: new AbortController().signal, logger }) };
  } catch (thrown) {
    const error = asFailure(thrown);
    return { error, isPermanent: reasonOf(error) === 'not_retryable' };
  }
}
