import { AsyncLocalStorage } from 'node:async_hooks';
import { createLogger } from '../../shared/service/logging.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import { asFailure, reasonOf } from './failure.ts';

/** What crosses to a thread: a task context without what cannot. */
export interface ThreadTask extends Omit<TaskContext, 'signal' | 'logger'> {
  readonly traceId: string | undefined;
  readonly moduleUrl: string;
  readonly service: string;
  readonly logLevel: string;
}

/** How a handler ended. An error that is thrown to another thread would lose `retryable`. */
export type ThreadOutcome =
  | { readonly result: unknown }
  | { readonly error: Error; readonly isPermanent: boolean };

/** The attempt that code belongs to, also in timers and callbacks that it leaves behind. */
interface Run {
  readonly logger: TaskContext['logger'];
  readonly fail: (error: unknown) => void;
  hasEnded: boolean;
}

const runs = new AsyncLocalStorage<Run>();
let isWatching = false;

/** Runs a handler in this thread. At the time limit the thread itself is ended, so its signal never aborts. */
export async function runTask(input: ThreadTask): Promise<ThreadOutcome> {
  const { moduleUrl, service, logLevel, traceId, ...task } = input;
  const logger = createLogger({ service, level: logLevel });
  watchStrayErrors(logger);
  // Not within the run: what the module starts when it is loaded belongs to no task.
  const { handlers } = (await import(moduleUrl)) as HandlerModule; // checked when the process loaded it
  const handler = handlers[task.eventType];
  if (handler === undefined) throw new Error(`expected a handler of ${task.eventType} in ${moduleUrl}`);
  const ofTask = logger.child({
    task_id: task.id,
    event_type: task.eventType,
    ...(traceId && { trace_id: traceId }),
  });
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const run: Run = { logger: ofTask, fail, hasEnded: false };
  try {
    const { signal } = new AbortController();
    const work = runs.run(run, async () => handler({ ...task, signal, logger: ofTask }));
    return { result: cloneResult(await Promise.race([work, failed])) };
  } catch (thrown) {
    const error = asFailure(thrown);
    return { error: plainError(error), isPermanent: reasonOf(error) === 'not_retryable' };
  } finally {
    run.hasEnded = true;
  }
}

/**
 * An error that nobody catches would end the thread, and with it the attempt that runs there now, be it guilty or not.
 * So it fails the attempt that it belongs to, or is only written down when that has ended.
 */
function watchStrayErrors(logger: Run['logger']): void {
  if (isWatching) return;
  isWatching = true;
  process.on('uncaughtException', (error) => {
    const run = runs.getStore();
    if (run !== undefined && !run.hasEnded) run.fail(error);
    else (run?.logger ?? logger).error({ error }, 'a handler that had ended left an error behind');
  });
}

function cloneResult(result: unknown): unknown {
  try {
    return structuredClone(result);
  } catch (cause) {
    throw new Error(`The result cannot leave the thread: ${(cause as Error).message}`, { cause });
  }
}

/** With what can leave the thread: an error may hold anything. */
function plainError({ message, stack = '' }: Error): Error {
  return Object.assign(new Error(message), { stack });
}
