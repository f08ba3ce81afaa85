import { AsyncLocalStorage } from 'node:async_hooks';
import { extname, join } from 'node:path';
import { Piscina } from 'piscina';
import type { Logger } from '../../shared/service/logging.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import { MAX_THREADS } from '../limits/admission.ts';
import { Attempt } from './attempt.ts';
import { Deadlines } from './deadlines.ts';
import type { ThreadOutcome, ThreadTask } from './thread-runner.ts';

export interface TaskRunnerOptions {
  readonly module: HandlerModule;
  readonly defaultTimeoutMs: number;
  readonly service: string;
  readonly logger: Logger;
  /** Whether spans are made: what heeds a signal then does so in the context of its own task. */
  readonly isTraced: boolean;
}

export type AttemptInput = Omit<TaskContext, 'signal' | 'logger'> & { readonly traceId: string | undefined };

/** Runs handlers within their time limits: here, or in a thread, which is ended then, where their settings say so. */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  readonly #deadlinesByLimit = new Map<number, Deadlines>();
  #threads: Piscina | undefined;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  start(input: AttemptInput): Attempt {
    const { module, defaultTimeoutMs, isTraced } = this.#options;
    const { timeoutSeconds, thread } = module.settings[input.eventType] ?? {};
    const limitMs = timeoutSeconds === undefined ? defaultTimeoutMs : timeoutSeconds * 1000;
    const attempt = new Attempt(
      this.#deadlines(limitMs),
      isTraced ? AsyncLocalStorage.snapshot() : undefined,
    );
    const { signal } = attempt;
    attempt.follow(thread ? this.#runInThread(input, signal) : this.#run(input, signal));
    return attempt;
  }

  async close(): Promise<void> {
    await this.#threads?.destroy();
  }

  #deadlines(limitMs: number): Deadlines {
    let deadlines = this.#deadlinesByLimit.get(limitMs);
    if (deadlines === undefined) {
      deadlines = new Deadlines(limitMs);
      this.#deadlinesByLimit.set(limitMs, deadlines);
    }
    return deadlines;
  }

  async #run({ traceId, ...task }: AttemptInput, signal: AbortSignal): Promise<unknown> {
    const { id, eventType } = task;
    const logger = this.#options.logger.child({
      task_id: id,
      event_type: eventType,
      ...(traceId && { trace_id: traceId }),
    });
    return this.#options.module.handlers[eventType]?.({ ...task, signal, logger });
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
