import { availableParallelism } from 'node:os';
import { extname, join } from 'node:path';
import { Piscina } from 'piscina';
import type { Logger } from '../../shared/service/logging.ts';
import { describeThrown, PlainError } from '../../shared/thrown.ts';
import type { HandlerModule } from '../handler.ts';
import type { AttemptNotes } from './attempt-notes.ts';
import { AttemptFailure, failure } from './failure.ts';
import type { AttemptInput } from './handler-runner.ts';
import { asJson } from './json-result.ts';
import type { OnStray } from './task-scope.ts';
import type { ThreadMessage, ThreadNotes, ThreadOutcome, ThreadTask } from './thread-runner.ts';

/** More threads than cores would only take turns. */
export const MAX_THREADS = availableParallelism();

export interface HandlerThreadsOptions {
  readonly module: HandlerModule;
  readonly service: string;
  readonly logger: Logger;
  readonly onStray: OnStray;
}

/** The threads in which handlers run whose settings say so. They start with the first task. */
export class HandlerThreads {
  readonly #options: HandlerThreadsOptions;
  #threads: Piscina | undefined;
  /** Who takes what a handler tells, by the number of its run. */
  readonly #notes = new Map<number, AttemptNotes>();
  #lastRun = 0;

  constructor(options: HandlerThreadsOptions) {
    this.#options = options;
  }

  async run(task: AttemptInput, notes: AttemptNotes, signal: AbortSignal): Promise<unknown> {
    const { module, service, logger } = this.#options;
    this.#threads ??= this.#start();
    const run = ++this.#lastRun;
    const input: ThreadTask = { ...task, run, moduleUrl: module.url, service, logLevel: logger.level };
    this.#notes.set(run, notes);
    let outcome: ThreadOutcome;
    try {
      outcome = await this.#threads.run(input, { name: 'runHandler', signal });
      this.#note(run, outcome.notes);
    } catch (error) {
      throw failure('error', `The handler's thread ended: ${describeThrown(error).message}`);
    } finally {
      this.#notes.delete(run);
    }
    if ('result' in outcome) return asJson(outcome.result);
    throw new AttemptFailure(outcome.thrown, outcome.reason, outcome.isPermanent);
  }

  async close(): Promise<void> {
    await this.#threads?.destroy();
  }

  #note(run: number, { lines, progress }: ThreadNotes): void {
    const notes = this.#notes.get(run);
    for (const { text, number } of lines) notes?.line(text, number);
    if (progress !== undefined) notes?.progress(progress.value);
  }

  #start(): Piscina {
    const { logger, onStray } = this.#options;
    const threads = new Piscina({
      filename: join(import.meta.dirname, `thread-runner${extname(import.meta.filename)}`), // .js once built
      minThreads: 0,
      maxThreads: MAX_THREADS,
      idleTimeout: 30_000,
    });
    threads.on('message', (message: ThreadMessage) => {
      if ('run' in message) return this.#note(message.run, message);
      const { task, thrown, count } = message;
      const error = new PlainError(thrown);
      if (task) onStray(task, error, count);
      else logger.error({ error }, 'a handler thread threw an error that belongs to no task');
    });
    // Only an error of an idle thread comes here; otherwise the attempt fails. Without a listener the process would end.
    threads.on('error', (error) => logger.error({ error }, 'an idle handler thread failed'));
    return threads;
  }
}
