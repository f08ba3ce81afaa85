import { AsyncLocalStorage } from 'node:async_hooks';
import { asProgress } from '../../shared/progress.ts';
import { type Logger, listenTo } from '../../shared/service/logging.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import { Attempt } from './attempt.ts';
import type { AttemptNotes } from './attempt-notes.ts';
import { HandlerThreads } from './handler-threads.ts';
import { asJson } from './json-result.ts';
import { type OnStray, TaskScope } from './task-scope.ts';
import { TimeLimit } from './time-limit.ts';

export interface HandlerRunnerOptions {
  readonly module: HandlerModule;
  readonly defaultTimeoutMs: number;
  readonly service: string;
  readonly logger: Logger;
  /** Whether spans are made: listeners to an attempt's signal then run in the context of that attempt. */
  readonly isTraced: boolean;
  /** Called with each error that a handler left behind. */
  readonly onStray: OnStray;
}

export type AttemptInput = Omit<TaskContext, 'signal' | 'logger' | 'progress'> & {
  readonly traceId: string | undefined;
};

/** Runs handlers within their time limits: here, or in a thread if their settings say so. A late thread is ended. */
export class HandlerRunner {
  readonly #options: HandlerRunnerOptions;
  readonly #threads: HandlerThreads;
  readonly #timeLimits = new Map<number, TimeLimit>();

  constructor(options: HandlerRunnerOptions) {
    this.#options = options;
    this.#threads = new HandlerThreads(options);
  }

  start(input: AttemptInput, notes: AttemptNotes): Attempt {
    const { module, defaultTimeoutMs, isTraced, onStray } = this.#options;
    const { timeoutSeconds, thread } = module.settings[input.eventType] ?? {};
    const limitMs = timeoutSeconds === undefined ? defaultTimeoutMs : timeoutSeconds * 1000;
    const { id, eventType, traceId } = input;
    const scope = new TaskScope({ id, eventType, traceId }, onStray); // not the payload: a scope may live long
    const inContext = isTraced ? AsyncLocalStorage.snapshot() : undefined;
    const attempt = new Attempt(this.#timeLimit(limitMs), scope, inContext);
    const { signal } = attempt;
    const work = thread
      ? this.#threads.run(input, notes, signal)
      : scope.run(() => this.#run(input, notes, signal));
    attempt.follow(work);
    return attempt;
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  #timeLimit(limitMs: number): TimeLimit {
    let timeLimit = this.#timeLimits.get(limitMs);
    if (timeLimit === undefined) {
      timeLimit = new TimeLimit(limitMs);
      this.#timeLimits.set(limitMs, timeLimit);
    }
    return timeLimit;
  }

  async #run({ traceId, ...task }: AttemptInput, notes: AttemptNotes, signal: AbortSignal): Promise<unknown> {
    const { id, eventType } = task;
    const logger = this.#options.logger.child({
      task_id: id,
      event_type: eventType,
      ...(traceId && { trace_id: traceId }),
    });
    listenTo(logger, (line) => notes.line(line));
    const progress = (value: unknown) => notes.progress(asProgress(value));
    return asJson(await this.#options.module.handlers[eventType]?.({ ...task, signal, logger, progress }));
  }
}
