import { SpanKind, TelemetryAttributes } from 'bullmq';
import {
  type DueRun,
  type DueSchedule,
  type RunResult,
  readDueSchedules,
  runDueSchedules,
  skipSchedule,
} from '../../shared/queue/bullmq-due-schedules.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import type { Logger } from '../../shared/service/logging.ts';
import { createTimeSlice } from '../../shared/service/time-slice.ts';
import type { Tracing } from '../../shared/service/tracing.ts';
import { readDefinition } from './definition.ts';
import { idOfDueTask, type TaskDefaults, taskOfRun } from './schedule-tasks.ts';

/** Another process may have put a schedule that is due sooner than those known here. */
const LONGEST_WAIT_MS = 1_000;
const RETRY_MS = 1_000;
/** Some may be due again, and others may be due that were not read. */
const AGAIN_MS = 1;
const READ_AT_ONCE = 100;
/** Redis does nothing else while it queues so many tasks, or so much data. */
const QUEUED_AT_ONCE = 50;
const LENGTH_AT_ONCE = 512 * 1024;
/** More missed due times than these are not counted, for each schedule at a time. */
const MOST_MISSED = 1_000;

export interface RunEvent {
  readonly scheduleId: string;
  readonly eventType: string;
  readonly lateMs: number;
  readonly missed: number;
}

export interface SchedulerOptions extends TaskDefaults {
  readonly queueRedis: QueueRedis;
  readonly queue: Pick<TaskQueue, 'name' | 'trace'>;
  /** Set when OTEL_TRACING is on. */
  readonly tracing: Tracing | undefined;
  readonly logger: Logger;
  /** Is told each task that this process queued. */
  readonly onRun: (event: RunEvent) => void;
}

/**
 * Queues the tasks of schedules when they are due. Each orchestrator has one: they may all run at once. After an outage
 * each schedule gets one task, for the first due time that passed; the others are missed.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#round().then((waitMs) => {
      this.#running = undefined;
      if (!this.#isClosed) this.#timer = setTimeout(() => this.start(), waitMs);
    });
  }

  /** Waits for the script under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** Returns the time until the next one. */
  async #round(): Promise<number> {
    const { queueRedis, logger } = this.#options;
    try {
      const { nowMs, nextMs, due } = await readDueSchedules(queueRedis, READ_AT_ONCE);
      const runs = await this.#plan(due, nowMs);
      for (const slice of slicesOf(runs)) await this.#run(slice);
      if (due.length > 0) return AGAIN_MS;
      return Math.min(LONGEST_WAIT_MS, Math.max(1, Math.ceil((nextMs ?? Number.POSITIVE_INFINITY) - nowMs)));
    } catch (error) {
      logger.debug({ error }, 'schedules: no answer from redis'); // its connection logs that it is away
      return RETRY_MS;
    }
  }

  async #plan(due: readonly DueSchedule[], nowMs: number): Promise<DueRun[]> {
    const runs: DueRun[] = [];
    const endOfStep = createTimeSlice();
    for (const schedule of due) {
      await endOfStep();
      try {
        if (schedule.dataLength === 0 || schedule.revision === '')
          throw new RangeError('data, revision: expected both; got none');
        const { definition, nextDue } = readDefinition(schedule.definition);
        const dueMs = Number(schedule.due);
        if (!Number.isSafeInteger(dueMs)) {
          await this.#skip(schedule, 'due: expected Unix milliseconds', nextDue(nowMs));
          continue;
        }
        const { nextMs, missed } = nextAfter(nextDue, dueMs, nowMs);
        const task = taskOfRun(idOfDueTask(schedule.id, schedule.due), definition, this.#options);
        runs.push({ ...task, schedule, nextMs, missed });
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        await this.#skip(schedule, error.message);
      }
    }
    return runs;
  }

  async #skip(schedule: DueSchedule, problem: string, nextMs?: number): Promise<void> {
    await skipSchedule(this.#options.queueRedis, schedule, nextMs);
    const makes = nextMs === undefined ? 'no tasks' : 'none for this due time';
    this.#options.logger.error({ schedule: schedule.id, problem }, `schedule unreadable: it makes ${makes}`);
  }

  async #run(runs: readonly DueRun[]): Promise<void> {
    const { queueRedis } = this.#options;
    const { nowMs, results } = await this.#inSpan(runs, (traced) => runDueSchedules(queueRedis, traced));
    for (const [i, run] of runs.entries()) this.#tell(run, results[i], nowMs);
  }

  /** Within a span where spans are made, so that those of the attempts follow it. */
  async #inSpan<T>(runs: readonly DueRun[], work: (runs: readonly DueRun[]) => Promise<T>): Promise<T> {
    const { queue, tracing } = this.#options;
    if (tracing === undefined) return work(runs);
    return queue.trace(SpanKind.PRODUCER, 'addBulk', queue.name, async (span, spanContext) => {
      span?.setAttributes({
        [TelemetryAttributes.BulkNames]: runs.map(({ eventType }) => eventType),
        [TelemetryAttributes.BulkCount]: runs.length,
      });
      const traced = runs.map((run) => {
        const { definition } = readDefinition(run.schedule.definition);
        return { ...run, ...taskOfRun(run.taskId, definition, { ...this.#options, spanContext }) };
      });
      return work(traced);
    });
  }

  #tell(
    { schedule: { id, due }, eventType, missed }: DueRun,
    result: RunResult | undefined,
    nowMs: number,
  ): void {
    if (result !== 'queued') return;
    this.#options.onRun({ scheduleId: id, eventType, missed, lateMs: Math.max(0, nowMs - Number(due)) });
    if (missed > 0)
      this.#options.logger.warn(
        { schedule: id, missed },
        'schedule was late: due times passed without a task',
      );
  }
}

/** Returns the first due time after now, and how many passed since the one that is queued now. */
export function nextAfter(
  nextDue: (afterMs: number) => number | undefined,
  dueMs: number,
  nowMs: number,
): { nextMs: number | undefined; missed: number } {
  let missed = 0;
  let at = nextDue(dueMs);
  while (at !== undefined && at <= nowMs && missed < MOST_MISSED) {
    missed += 1;
    at = nextDue(at);
  }
  const isBehind = at !== undefined && at <= nowMs;
  return { nextMs: isBehind ? nextDue(nowMs) : at, missed };
}

function* slicesOf(runs: readonly DueRun[]): Generator<readonly DueRun[]> {
  let [from, length] = [0, 0];
  for (const [i, { schedule }] of runs.entries()) {
    length += schedule.dataLength;
    const end = i + 1;
    if (end - from < QUEUED_AT_ONCE && length < LENGTH_AT_ONCE && end < runs.length) continue;
    yield runs.slice(from, end);
    [from, length] = [end, 0];
  }
}
