import type { PoolObserver } from '../infrastructure/metrics/index.ts';
import { REFUSAL_RETRY_MS } from '../shared/queue/errors.ts';
import type { Flow } from '../shared/queue/flow.ts';
import { dataOf, type KeptData, type TaskRecord } from '../shared/queue/queue.ts';
import type { Logger } from '../shared/service/logging.ts';
import { sampledTraceIdOf, traceIdOf } from '../shared/trace-context.ts';
import type { Attempt } from './attempts/attempt.ts';
import type { HandlerRun } from './attempts/attempt-reporter.ts';
import { NO_RESULTS, type ReadResults, type Results } from './attempts/child-results.ts';
import { AttemptFailure, cancelled, PutBack, PutOff, TaskLost } from './attempts/failure.ts';
import { HandlerRunner } from './attempts/handler-runner.ts';
import type { TaskNotes } from './attempts/task-notes.ts';
import type { OnStray } from './attempts/task-scope.ts';
import { validateTask } from './attempts/task-validation.ts';
import type { HandlerModule, Handlers, TaskContext } from './handler.ts';
import { type EventTypeLimits, Postponement } from './limits/event-type-limits.ts';
import type { HandlerWait } from './limits/handler-wait.ts';
import type { FirstTurn } from './recovery/first-turns.ts';
import type { Quarantine } from './recovery/quarantine.ts';
import type { Processor } from './recovery/resilient-worker.ts';
import type { Solitude } from './recovery/solitude.ts';

/** A task that stalled once runs again at once. One that stalled twice is a suspect. */
const STALLS_BEFORE_QUARANTINE = 2;
const QUARANTINE_RETRY_MS = 1_000;

/** Aborts an attempt whose task goes back to the queue because the pool stops. */
class PoolStopping extends Error {
  constructor() {
    super('The worker pool stops.');
  }
}

type AttemptData = KeptData & { readonly results: Results };

export interface TaskProcessorOptions {
  readonly module: HandlerModule;
  readonly service: string;
  readonly handlerTimeoutMs: number;
  /** Whether spans are made. */
  readonly isTraced: boolean;
  readonly limits: EventTypeLimits;
  readonly handlerWait: HandlerWait;
  readonly quarantine: Quarantine;
  /** Of all queues of the process. */
  readonly solitude: Solitude;
  readonly firstTurn: FirstTurn;
  readonly notes: TaskNotes;
  readonly readResults: ReadResults;
  /** Redis's time. */
  readonly clock: { now(): number };
  readonly observer: PoolObserver;
  readonly logger: Logger;
  /** Called with each error of a command. */
  readonly onRedisError: (error: Error) => void;
  /** Called with each error that a handler left behind. */
  readonly onStray: OnStray;
}

/** Takes each task through validation, quarantine and limits to its handler. */
export class TaskProcessor implements Processor {
  readonly #handlers: Handlers;
  readonly #limits: EventTypeLimits;
  readonly #handlerWait: HandlerWait;
  readonly #quarantine: Quarantine;
  readonly #notes: TaskNotes;
  readonly #readResults: ReadResults;
  readonly #clock: { now(): number };
  readonly #observer: PoolObserver;
  readonly #onRedisError: (error: Error) => void;
  readonly #runner: HandlerRunner;
  readonly #attempts = new Map<string, Attempt>();
  readonly #solitude: Solitude;
  readonly #firstTurn: FirstTurn;
  /** Runs whose end Redis has not stored yet. By task record: a task that was lost may run here twice at once. */
  readonly #endedRuns = new Map<TaskRecord, HandlerRun>();

  constructor(options: TaskProcessorOptions) {
    const { module, handlerTimeoutMs, service, logger, isTraced, onStray } = options;
    this.#handlers = module.handlers;
    this.#limits = options.limits;
    this.#handlerWait = options.handlerWait;
    this.#quarantine = options.quarantine;
    this.#solitude = options.solitude;
    this.#firstTurn = options.firstTurn;
    this.#solitude.watch(() => this.activeCount);
    this.#notes = options.notes;
    this.#readResults = options.readResults;
    this.#clock = options.clock;
    this.#observer = options.observer;
    this.#onRedisError = options.onRedisError;
    this.#runner = new HandlerRunner({
      module,
      defaultTimeoutMs: handlerTimeoutMs,
      service,
      logger,
      isTraced,
      onStray,
    });
  }

  /** How many handlers run now. */
  get activeCount(): number {
    return this.#attempts.size;
  }

  get untilFree(): Promise<void> | undefined {
    return this.#firstTurn.untilBegun ?? this.#solitude.untilFree;
  }

  abort(id: string, reason: Error): void {
    this.#solitude.stopWaiting(reason, id);
    this.#attempts.get(id)?.abort(reason);
  }

  /** Ends an attempt whose task somebody cancelled. Does nothing when the task does not run here. */
  cancel(id: string): void {
    this.abort(id, cancelled());
  }

  /** Aborts all attempts. Their tasks go back to the queue and use up no attempt. */
  putBackAll(): void {
    this.#solitude.stopWaiting(new Postponement(QUARANTINE_RETRY_MS));
    for (const attempt of this.#attempts.values()) attempt.abort(new PoolStopping());
  }

  /** Ends the handlers' threads. */
  close(): Promise<void> {
    return this.#runner.close();
  }

  /** The run of the task's handler, from its end to `release`; undefined when no handler ran. */
  endedRun(task: TaskRecord): HandlerRun | undefined {
    return this.#endedRuns.get(task);
  }

  release(task: TaskRecord): void {
    this.#endedRuns.delete(task);
  }

  async process(task: TaskRecord, token: string | undefined): Promise<unknown> {
    if (!Object.hasOwn(this.#handlers, task.name)) {
      return this.#postpone(task, token, await this.#handlerWait.postpone(task));
    }
    if (task.attemptsStarted > 1) this.#handlerWait.end(task); // it may have waited for a handler
    const data = dataOf(task);
    validateTask(data.payload);
    const results = data.flow ? await this.#resultsOf(task, data.flow) : NO_RESULTS;
    if (results === undefined) return this.#postpone(task, token, new Postponement(REFUSAL_RETRY_MS));
    if (this.untilFree) return this.#postpone(task, token, new Postponement(QUARANTINE_RETRY_MS));
    const { stalledWaitMs } = this.#firstTurn;
    if (task.stalledCounter > 0 && stalledWaitMs > 0)
      return this.#postpone(task, token, new Postponement(stalledWaitMs));
    const isSuspect = task.stalledCounter >= STALLS_BEFORE_QUARANTINE;
    if (!isSuspect && !this.#limits.isLimited(task.name))
      return this.#attempt(task, { ...data, results }, token);
    const attempt = () =>
      this.#limits.run(task.name, task.id ?? '', () => this.#attempt(task, { ...data, results }, token));
    try {
      if (!isSuspect) return await attempt();
      return await this.#runAlone(task, attempt);
    } catch (error) {
      if (error instanceof Postponement) return this.#postpone(task, token, error);
      throw error;
    }
  }

  /** Undefined while Redis refuses: that uses up no attempt. */
  async #resultsOf(task: TaskRecord, flow: Flow): Promise<Results | undefined> {
    try {
      return await this.#readResults(task.id ?? '', flow);
    } catch (error) {
      if (error instanceof AttemptFailure) throw error;
      this.#onRedisError(error as Error); // of the connection
      return undefined;
    }
  }

  async #runAlone(task: TaskRecord, attempt: () => Promise<unknown>): Promise<unknown> {
    let result: unknown;
    const ran = await this.#quarantine.run(task, {
      alone: (work) => this.#solitude.run(task.id ?? '', work),
      work: async () => {
        result = await attempt();
      },
    });
    if (!ran) throw new Postponement(QUARANTINE_RETRY_MS);
    return result;
  }

  /** Uses up no attempt. If Redis fails here, the task stalls, and a worker takes it back. */
  async #postpone(
    task: TaskRecord,
    token: string | undefined,
    { delayMs, onPostponed }: Postponement,
  ): Promise<never> {
    await task
      .moveToDelayed(Date.now() + Math.ceil(delayMs), token)
      .then(onPostponed, (error: Error) => this.#onRedisError(error));
    throw new PutOff();
  }

  async #attempt(task: TaskRecord, data: AttemptData, token: string | undefined): Promise<unknown> {
    const id = task.id ?? '';
    const traceId = traceIdOf(data.traceparent);
    const sampledTraceId = sampledTraceIdOf(data.traceparent);
    if (task.attemptsMade === 0 && task.stalledCounter === 0) this.#observeWait(task, data, sampledTraceId);
    const startedAt = performance.now();
    const notes = this.#notes.start(task);
    const input = {
      id,
      eventType: task.name,
      payload: data.payload ?? null,
      attempt: task.attemptsMade + 1,
      children: data.results.children,
      previous: data.results.previous,
      traceparent: data.traceparent,
      tracestate: data.tracestate,
      ...scheduleOf(data),
      traceId,
    };
    const attempt = this.#runner.start(input, notes);
    this.#attempts.set(id, attempt);
    try {
      return await attempt.ended;
    } catch (error) {
      this.#notes.end(notes, { isLost: error instanceof TaskLost });
      if (!(error instanceof PoolStopping)) throw error;
      this.#notes.putBack(task);
      await task.moveToWait(token).catch((caught: Error) => this.#onRedisError(caught)); // as in #postpone
      throw new PutBack();
    } finally {
      this.#notes.end(notes);
      this.#endedRuns.set(task, {
        durationSeconds: (performance.now() - startedAt) / 1000,
        traceId: sampledTraceId,
      });
      if (this.#attempts.get(id) === attempt) this.#attempts.delete(id);
      this.#solitude.attemptEnded();
    }
  }

  #observeWait(task: TaskRecord, data: AttemptData, traceId: string | undefined): void {
    const dueMs = Math.max(data.results.dueMs, data.due ?? task.timestamp + (task.opts.delay ?? 0));
    this.#observer.waited(task.name, Math.max(0, this.#clock.now() - dueMs) / 1000, traceId);
  }
}

function scheduleOf({ schedule, schedule_due = 0 }: KeptData): Pick<TaskContext, 'schedule'> {
  return schedule === undefined
    ? {}
    : { schedule: { id: schedule, dueAt: new Date(schedule_due).toISOString() } };
}
