import { conflict, notFound } from '../../shared/errors.ts';
import { MAX_SCHEDULES } from '../../shared/http-contract/schedule-limits.ts';
import type { Schedule, ScheduleDetail } from '../../shared/http-contract/schedules.ts';
import type { TaskSummary } from '../../shared/http-contract/tasks.ts';
import { runScheduleNow } from '../../shared/queue/bullmq-due-schedules.ts';
import {
  type PutResult,
  putSchedule,
  readSchedules,
  removeSchedule,
  type StoredSchedule,
  scheduleIds,
  setSchedulePaused,
} from '../../shared/queue/bullmq-schedules.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { readTasks } from '../../shared/queue/bullmq-tasks.ts';
import { withinLimit } from '../tasks/redis-limit.ts';
import { planSchedule, type ReadDefinition, readDefinition, type ScheduleInput } from './definition.ts';
import { scheduleDetail, shownSchedule } from './schedule-detail.ts';
import { idOfExtraTask, type TaskDefaults, taskOfRun } from './schedule-tasks.ts';

/** Redis does nothing else while it reads so many. */
const READ_AT_ONCE = 100;
/** Between two steps a schedule may change. Then the change begins again, so many times. */
const MAX_TRIES = 3;

export interface ScheduleStoreOptions extends TaskDefaults {
  readonly queueRedis: QueueRedis;
  /** Redis's time. */
  readonly clock: { now(): number };
}

/** Reads and changes schedules. Throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer. */
export class ScheduleStore {
  readonly #options: ScheduleStoreOptions;

  constructor(options: ScheduleStoreOptions) {
    this.#options = options;
  }

  /** Returns all, by id. */
  async list(): Promise<Schedule[]> {
    return (await withinLimit(() => this.#readAll())).map(shownSchedule);
  }

  async get(id: string): Promise<ScheduleDetail> {
    return scheduleDetail(await this.#find(id, { withData: true }));
  }

  /**
   * Makes or replaces a schedule. Throws ASDLC_INPUT_INVALID for a time that cannot be read, ASDLC_CONFLICT when the
   * workers declare a schedule with this id, or there are too many.
   */
  async put(id: string, input: ScheduleInput): Promise<{ schedule: Schedule; isNew: boolean }> {
    const result = await this.declare(id, input, 'api');
    if (result === 'foreign')
      throw conflict(
        `Expected an id that no worker declares; got ${id}. Change it in the module of handlers.`,
      );
    if (result === 'full')
      throw conflict(`Expected at most ${MAX_SCHEDULES} schedules; got one more. Remove some first.`);
    return { schedule: shownSchedule(await this.#find(id)), isNew: result === 'created' };
  }

  /** As `put`, for both sources; it says what came of it. */
  async declare(id: string, input: ScheduleInput, source: 'api' | 'handlers'): Promise<PutResult> {
    const plan = planSchedule(id, input, this.#options.clock.now());
    return withinLimit(() => putSchedule(this.#options.queueRedis, { id, source, ...plan }, MAX_SCHEDULES));
  }

  async remove(id: string): Promise<void> {
    if (!(await withinLimit(() => removeSchedule(this.#options.queueRedis, id)))) throw unknown(id);
  }

  /** A schedule that goes on leaves out what was due meanwhile. */
  async setPaused(id: string, isPaused: boolean): Promise<Schedule> {
    const { queueRedis, clock } = this.#options;
    await this.#change(id, async (schedule) => {
      if (isPaused) return setSchedulePaused(queueRedis, schedule, { isPaused });
      const nextMs = readable(schedule).nextDue(clock.now());
      return setSchedulePaused(queueRedis, schedule, { isPaused, nextMs });
    });
    return shownSchedule(await this.#find(id));
  }

  /** Queues one task now. The same key again makes no second one. */
  async run(id: string, key: string | undefined): Promise<{ task: TaskSummary; isNew: boolean }> {
    const { queueRedis } = this.#options;
    const taskId = idOfExtraTask(id, key);
    const result = await this.#change(id, async (schedule) => {
      const { definition } = readable(schedule);
      const task = taskOfRun(taskId, definition, this.#options);
      const ran = await runScheduleNow(queueRedis, schedule, task);
      return ran === 'other' ? 'changed' : { isKnown: ran === 'known', event_type: definition.event_type };
    });
    const [known] = result.isKnown
      ? await withinLimit(() => readTasks(queueRedis.redis, queueRedis.keyOf, [taskId]))
      : [];
    const task = {
      id: taskId,
      event_type: result.event_type,
      queue: this.#options.queueRedis.queue,
      status: known?.status ?? ('queued' as const),
    };
    return { task, isNew: !result.isKnown };
  }

  /** Reads the schedule and changes it, again when somebody else changed it meanwhile. */
  async #change<T>(
    id: string,
    change: (schedule: StoredSchedule) => Promise<T | 'gone' | 'changed'>,
  ): Promise<T> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const schedule = await this.#find(id);
      const result = await withinLimit(() => change(schedule));
      if (result === 'gone') throw unknown(id);
      if (result !== 'changed') return result;
    }
    throw conflict(`Schedule ${id} changes all the time; send the request again.`);
  }

  async #find(id: string, options?: { withData: boolean }): Promise<StoredSchedule> {
    const [found] = await withinLimit(() => readSchedules(this.#options.queueRedis, [id], options));
    if (found === undefined) throw unknown(id);
    return found;
  }

  async #readAll(): Promise<StoredSchedule[]> {
    const ids = await scheduleIds(this.#options.queueRedis);
    const found: StoredSchedule[] = [];
    for (let from = 0; from < ids.length; from += READ_AT_ONCE)
      found.push(...(await readSchedules(this.#options.queueRedis, ids.slice(from, from + READ_AT_ONCE))));
    return found;
  }
}

function unknown(id: string) {
  return notFound(`No schedule "${id}".`);
}

function readable({ id, fields }: StoredSchedule): ReadDefinition {
  try {
    return readDefinition(fields.definition);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw conflict(`Schedule ${id} is unreadable: ${error.message}. Put it again, or remove it.`);
  }
}
