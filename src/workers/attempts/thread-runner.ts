import { parentPort } from 'node:worker_threads';
import { asProgress } from '../../shared/progress.ts';
import { MAX_LINES } from '../../shared/queue/bullmq-logs.ts';
import { createLogger, listenTo } from '../../shared/service/logging.ts';
import { describeThrown, type Thrown } from '../../shared/thrown.ts';
import type { HandlerModule, TaskContext } from '../handler.ts';
import type { NumberedLine } from './attempt-notes.ts';
import { asFailure, type FailureReason } from './failure.ts';
import { type TaskIdentity, TaskScope } from './task-scope.ts';

/** What a thread receives: the parts of a task context that can be cloned. */
export interface ThreadTask extends Omit<TaskContext, 'signal' | 'logger' | 'progress'> {
  /** Tells the runs of this process from each other. */
  readonly run: number;
  readonly traceId: string | undefined;
  readonly moduleUrl: string;
  readonly service: string;
  readonly logLevel: string;
}

/** How a handler ended. An error that is thrown out of the thread would be cloned, and some cannot be. */
export type ThreadOutcome = { readonly notes: ThreadNotes } & (
  | { readonly result: unknown }
  | { readonly thrown: Thrown; readonly reason: FailureReason; readonly isPermanent: boolean }
);

/** What a handler told. */
export interface ThreadNotes {
  readonly lines: readonly NumberedLine[];
  readonly progress?: { readonly value: unknown } | undefined;
}

/** Tells the process at once what a handler told: the thread may be ended, or block. */
export interface NotesMessage extends ThreadNotes {
  readonly run: number;
}

export type ThreadMessage = StrayMessage | NotesMessage;

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
  const { run, moduleUrl, service, logLevel, traceId, ...task } = input;
  const { id, eventType } = task;
  const scope = new TaskScope({ id, eventType, traceId }, tell);
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  scope.open(fail);
  const told = new ToldNotes(run);
  try {
    // Outside the scope: what the module starts when it is loaded belongs to no task.
    const { handlers } = (await import(moduleUrl)) as HandlerModule; // checked when the process loaded it
    const logger = createLogger({ service, level: logLevel }).child({
      task_id: id,
      event_type: eventType,
      ...(traceId && { trace_id: traceId }),
    });
    listenTo(logger, (text) => told.line(text));
    const { signal } = new AbortController();
    const progress = (value: unknown) => told.progress(asProgress(value));
    const work = scope.run(async () =>
      cloned(await handlers[eventType]?.({ ...task, signal, logger, progress })),
    );
    return { result: await Promise.race([work, failed]), notes: told.last };
  } catch (error) {
    const { thrown, reason, isPermanent } = asFailure(error);
    return { thrown, reason, isPermanent, notes: told.last };
  } finally {
    scope.close();
  }
}

/** More messages than these a second wait for the end of the run, which tells the last ones again. */
const MAX_TOLD = 100;

/** What a handler tells in this thread. The messages of a thread may come after the outcome of its run. */
class ToldNotes {
  readonly #run: number;
  #lines: NumberedLine[] = [];
  #lastNumber = 0;
  #progress: ThreadNotes['progress'];
  #told = 0;
  #second = 0;

  constructor(run: number) {
    this.#run = run;
  }

  get last(): ThreadNotes {
    return { lines: this.#lines, progress: this.#progress };
  }

  line(text: string): void {
    const line = { number: ++this.#lastNumber, text };
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.#tell({ lines: [line] });
  }

  progress(value: unknown): void {
    this.#progress = { value };
    this.#tell({ lines: [], progress: this.#progress });
  }

  #tell(notes: ThreadNotes): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#told = 0;
    this.#second = second;
    if (++this.#told <= MAX_TOLD)
      parentPort?.postMessage({ run: this.#run, ...notes } satisfies NotesMessage);
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
