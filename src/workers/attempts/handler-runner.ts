import { AsyncLocalStorage } from 'node:async_hooks';
import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Piscina } from 'piscina';
import type { Logger } from '../../shared/service/logging.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import { Attempt } from './attempt.ts';
import type { ThreadOutcome, ThreadTask } from './thread-runner.ts';
import { TimeLimit } from './time-limit.ts';

/** More threads than cores would only take turns. */
export const MAX_THREADS = availableParallelism();

export interface HandlerRunnerOptions {
  readonly module: HandlerModule;
  readonly defaultTimeoutMs: number;
  readonly service: string;
  readonly logger: Logger;
  /** Whether spans are made: listeners to an attempt's signal then run in the context of that attempt. */
  readonly isTraced: boolean;
}

export type AttemptInput = Omit<TaskContext, 'signal' | 'logger'> & { readonly traceId: string | undefined };

/** Runs handlers within their time limits: here, or in a thread if their settings say so. A late thread is ended. */
export class HandlerRunner {
  readonly #options: HandlerRunnerOptions;
  readonly #timeLimits = new Map<number, TimeLimit>();
  #threads: Piscina | undefined;

  constructor(options: HandlerRunnerOptions) {
    this.#options = options;
  }

  start(input: AttemptInput): Attempt {
    const { module, defaultTimeoutMs, isTraced } = this.#options;
    const { timeoutSeconds, thread } = module.settings[input.eventType] ?? {};
    const limitMs = timeoutSeconds === undefined ? defaultTimeoutMs : timeoutSeconds * 1000;
    const attempt = new Attempt(
      this.#timeLimit(limitMs),
      isTraced ? AsyncLocalStorage.snapshot() : undefined,
    );
    const { signal } = attempt;
    attempt.follow(thread ? this.#runInThread(input, signal) : this.#run(input, signal));
    return attempt;
  }

  async close(): Promise<void> {
    await this.#threads?.destroy();
  }

  #timeLimit(limitMs: number): TimeLimit {
    let timeLimit = this.#timeLimits.get(limitMs);
    if (timeLimit === undefined) {
      timeLimit = new TimeLimit(limitMs);
      this.#timeLimits.set(limitMs, timeLimit);
    }
    return timeLimit;
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
    const outcome: ThreadOutcome = await this.#threads.run(input, { name: 'runHandler', signal });
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
    // Only an error of an idle thread comes here; otherwise the attempt fails. Without a listener the process would end.
    threads.on('error', (error) => this.#options.logger.error({ error }, 'an idle handler thread failed'));
    return threads;
  }
}
