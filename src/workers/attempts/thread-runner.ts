import { parentPort } from 'node:worker_threads';
import { createLogger } from '../../shared/service/logging.ts';
import { describeThrown, type Thrown } from '../../shared/thrown.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import { asFailure, type FailureReason } from './failure.ts';
import { type TaskIdentity, TaskScope } from './task-scope.ts';

/** What a thread receives: the parts of a task context that can be cloned. */
export interface ThreadTask extends Omit<TaskContext, 'signal' | 'logger'> {
  readonly traceId: string | undefined;
  readonly moduleUrl: string;
  readonly service: string;
  readonly logLevel: string;
}

/** How a handler ended. An error that is thrown out of the thread would be cloned, and some cannot be. */
export type ThreadOutcome =
  | { readonly result: unknown }
  | { readonly thrown: Thrown; readonly reason: FailureReason; readonly isPermanent: boolean };

/** Tells the process of an error that nobody caught here. Without a task, it is the module's own. */
export interface StrayMessage {
  readonly task: TaskIdentity | undefined;
  readonly thrown: Thrown;
  readonly count: number;
}

let isWatching = false;

/** Runs a handler in this thread. At the time limit the whole thread is ended, so the handler's signal never aborts. */
export async function runHandler(input: ThreadTask): Promise<ThreadOutcome> {
  watchStrayErrors();
  const { moduleUrl, service, logLevel, traceId, ...task } = input;
  const { id, eventType } = task;
  const scope = new TaskScope({ id, eventType, traceId }, tell);
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  scope.open(fail);
  try {
    // Outside the scope: what the module starts when it is loaded belongs to no task.
    const { handlers } = (await import(moduleUrl)) as HandlerModule; // checked when the process loaded it
    const logger = createLogger({ service, level: logLevel }).child({
      task_id: id,
      event_type: eventType,
      ...(traceId && { trace_id: traceId }),
    });
    const { signal } = new AbortController();
    const work = scope.run(async () => cloned(await handlers[eventType]?.({ ...task, signal, logger })));
    return { result: await Promise.race([work, failed]) };
  } catch (error) {
    const { thrown, reason, isPermanent } = asFailure(error);
    return { thrown, reason, isPermanent };
  } finally {
    scope.close();
  }
}

/** Without this an uncaught error would end the thread, and with it whatever attempt runs there now. */
function watchStrayErrors(): void {
  if (isWatching) return;
  isWatching = true;
  const onError = (thrown: unknown) => {
    if (!TaskScope.claim(thrown)) tell(undefined, thrown, 1);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  process.exit = (code) => {
    const error = new Error(`The handler called process.exit(${code ?? ''}).`);
    onError(error); // at once: the handler's own `catch` may take the error
    throw error;
  };
}

function tell(task: TaskIdentity | undefined, thrown: unknown, count: number): void {
  const message: StrayMessage = { task, thrown: describeThrown(thrown, 'The handler'), count };
  parentPort?.postMessage(message);
}

function cloned(result: unknown): unknown {
  try {
    return structuredClone(result);
  } catch (thrown) {
    throw new Error(`The result cannot leave the thread: ${describeThrown(thrown, 'It').message}`);
  }
}
