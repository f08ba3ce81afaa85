import { extname, join } from 'node:path';
import { Piscina } from 'piscina';
import type { Logger } from '../shared/logging.ts';
import { MAX_THREADS } from './admission.ts';
import { asFailure, failure } from './failure.ts';
import type { HandlerModule, TaskContext } from './handler.ts';
import type { ThreadOutcome, ThreadTask } from './thread-runner.ts';

export interface TaskRunnerOptions {
  readonly module: HandlerModule;
  readonly defaultTimeoutMs: number;
  readonly service: string;
  readonly logger: Logger;
}

export type AttemptInput = Omit<TaskContext, 'signal' | 'logger'> & { readonly traceId: string | undefined };

/** An attempt under way: its end, and a way to end it sooner. */
export interface Attempt {
  readonly ended: Promise<unknown>;
  abort(reason: Error): void;
}

/**
 * Runs handlers: here, or in a thread where their settings say so. An attempt ends at its time limit also when
 * the handler does not heed its signal; a thread is ended then.
 */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  #threads: Piscina | undefined;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  start(input: AttemptInput): Attempt {
    const { module, defaultTimeoutMs } = this.#options;
    const { timeoutSeconds, thread } = module.settings[input.eventType] ?? {};
    const limitMs = timeoutSeconds === undefined ? defaultTimeoutMs : timeoutSeconds * 1000;
    const controller = new AbortController();
    const { promise: ended, resolve, reject } = Promise.withResolvers<unknown>();
    const abort = (reason: Error) => {
      clearTimeout(timer);
      reject(reason);
      controller.abort(reason);
    };
    const timer = setTimeout(
      () => abort(failure('timeout', `The handler did not end within ${limitMs / 1000} s.`)),
      limitMs,
    );
    const { signal } = controller;
    const work = thread ? this.#runInThread(input, signal) : this.#run(input, signal);
    work.then(resolve, (error: unknown) => reject(asFailure(error))).finally(() => clearTimeout(timer));
    return { ended, abort };
  }

  async close(): Promise<void> {
    await this.#threads?.destroy();
  }

  async #run({ traceId, ...task }: AttemptInput, signal: AbortSignal): Promise<unknown> {
    const { logger } = this.#options;
    let own: TaskContext['logger'] | undefined;
    return this.#options.module.handlers[task.eventType]?.({
      ...task,
      signal,
      /** Made when it is asked for: most handlers write nothing. */
      get logger() {
        own ??= logger.child({
          task_id: task.id,
          event_type: task.eventType,
          ...(traceId && { trace_id: traceId }),
        });
        return own;
      },
    });
  }

  async #runInThread(task: AttemptInput, signal: AbortSignal): Promise<unknown> {
    const { module, service, logger } = this.#options;
    this.#threads ??= this.#startThreads();
    const input: ThreadTask = { ...task, moduleUrl: module.url, service, logLevel: logger.level };
    const outcome: ThreadOutcome = await this.#threads.run(input, { name: 'runTask', signal });
    if ('result' in outcome) return outcome.result;
    throw outcome.isPermanent ? Object.assign(outcome.error, { retryable: false }) : outcome.error;
  }

  #startThreads(): Piscina {
    const threads = new Piscina({
      filename: join(import.meta.dirname, `thread-runner${extname(import.meta.filename)}`), // .js once built
      minThreads: 0,
      maxThreads: MAX_THREADS,
      idleTimeout: 30_000,
    });
    // Of a thread without a task: one with a task fails that. Without a listener it would end the process.
    threads.on('error', (error) => this.#options.logger.error({ error }, 'a thread failed'));
    return threads;
  }
}
