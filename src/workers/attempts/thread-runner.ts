import { AsyncLocalStorage } from 'node:async_hooks';
import { createLogger, type Logger } from '../../shared/service/logging.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import { asFailure, reasonOf } from './failure.ts';

/** What a thread receives: the parts of a task context that can be cloned. */
export interface ThreadTask extends Omit<TaskContext, 'signal' | 'logger'> {
  readonly traceId: string | undefined;
  readonly moduleUrl: string;
  readonly service: string;
  readonly logLevel: string;
}

/** How a handler ended. An error that is thrown out of the thread would lose `retryable`. */
export type ThreadOutcome =
  | { readonly result: unknown }
  | { readonly error: Error; readonly isPermanent: boolean };

/** The attempt to which code in this thread belongs, including the timers and callbacks that it leaves behind. */
interface ThreadAttempt {
  readonly logger: TaskContext['logger'];
  readonly fail: (error: unknown) => void;
  hasEnded: boolean;
}

const attempts = new AsyncLocalStorage<ThreadAttempt>();
let isWatching = false;

/** Runs a handler in this thread. At the time limit the whole thread is ended, so the handler's signal never aborts. */
export async function runHandler(input: ThreadTask): Promise<ThreadOutcome> {
  const { moduleUrl, service, logLevel, traceId, ...task } = input;
  const logger = createLogger({ service, level: logLevel });
  watchStrayErrors(logger);
  // Outside the attempt: what the module starts when it is loaded belongs to no task.
  const { handlers } = (await import(moduleUrl)) as HandlerModule; // checked when the process loaded it
  const handler = handlers[task.eventType];
  if (handler === undefined) throw new Error(`expected a handler of ${task.eventType} in ${moduleUrl}`);
  const ofTask = logger.child({
    task_id: task.id,
    event_type: task.eventType,
    ...(traceId && { trace_id: traceId }),
  });
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const attempt: ThreadAttempt = { logger: ofTask, fail, hasEnded: false };
  try {
    const { signal } = new AbortController();
    const work = attempts.run(attempt, async () => handler({ ...task, signal, logger: ofTask }));
    return { result: cloneResult(await Promise.race([work, failed])) };
  } catch (thrown) {
    const error = asFailure(thrown);
    return { error: plainError(error), isPermanent: reasonOf(error) === 'not_retryable' };
  } finally {
    attempt.hasEnded = true;
  }
}

/**
 * Without this an uncaught error would end the thread, and with it whatever attempt runs there now. Instead the error
 * fails the attempt that caused it. When that attempt has ended, the error is only logged.
 */
function watchStrayErrors(logger: Logger): void {
  if (isWatching) return;
  isWatching = true;
  process.on('uncaughtException', (error) => {
    const attempt = attempts.getStore();
    if (attempt !== undefined && !attempt.hasEnded) attempt.fail(error);
    else (attempt?.logger ?? logger).error({ error }, 'a handler threw an uncaught error after its end');
  });
}

function cloneResult(result: unknown): unknown {
  try {
    return structuredClone(result);
  } catch (cause) {
    throw new Error(`The result cannot leave the thread: ${(cause as Error).message}`, { cause });
  }
}

/** Returns the error with its message and stack alone: its other fields may not be cloneable. */
function plainError({ message, stack = '' }: Error): Error {
  return Object.assign(new Error(message), { stack });
}
