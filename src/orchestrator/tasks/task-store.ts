import type { Redis } from 'ioredis';
import { conflict } from '../../shared/errors.ts';
import type { TaskDetail, TaskSummary } from '../../shared/http-contract/tasks.ts';
import { renewDeadTask } from '../../shared/queue/bullmq-schema.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import { withinLimit } from './redis-limit.ts';
import { taskDetail } from './task-detail.ts';
import type { TaskJob, TaskLookup } from './task-lookup.ts';

export interface TaskStoreOptions {
  readonly queue: TaskQueue;
  /** The queue's connection. */
  readonly redis: Redis;
  readonly lookup: TaskLookup;
  /** Redis's clock, in Unix milliseconds. */
  readonly clock: { now(): number };
}

/**
 * Shows and changes single tasks. Every method throws ASDLC_NOT_FOUND for an unknown id, and ASDLC_REDIS_UNAVAILABLE
 * within 2 s when Redis does not answer. The change may happen all the same.
 */
export class TaskStore {
  readonly #queue: TaskQueue;
  readonly #redis: Redis;
  readonly #lookup: TaskLookup;
  readonly #clock: { now(): number };

  constructor({ queue, redis, lookup, clock }: TaskStoreOptions) {
    this.#queue = queue;
    this.#redis = redis;
    this.#lookup = lookup;
    this.#clock = clock;
  }

  get(id: string): Promise<TaskDetail> {
    return withinLimit(async () => {
      const { job, status } = await this.#lookup.require(id);
      return taskDetail(job, status);
    });
  }

  /** Removes a task and all its data. Throws ASDLC_CONFLICT while the task is active. */
  remove(id: string): Promise<void> {
    return withinLimit(async () => {
      const { job, status } = await this.#lookup.require(id);
      if (status === 'active')
        throw conflict(`Expected a task that is not active; got task ${id}, which is.`);
      await job.remove().catch(async (error: unknown) => {
        if (await job.isActive()) throw conflict(`Task ${id} became active, so it was not removed.`);
        throw error;
      });
    });
  }

  /** Queues a dead task again, with all its attempts. Throws ASDLC_CONFLICT for any other. */
  retry(id: string): Promise<TaskSummary> {
    return withinLimit(async () => {
      const { job, status } = await this.#lookup.require(id);
      if (status !== 'dead') throw conflict(`Expected a dead task; got task ${id}, which is ${status}.`);
      await this.#renew(job);
      await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true });
      return { id, event_type: job.name, status: 'queued' as const };
    });
  }

  async #renew(job: TaskJob): Promise<void> {
    const { quarantine_starts: _, quarantine_process: __, ...data } = job.data ?? {};
    const id = job.id ?? '';
    const due = Math.round(this.#clock.now());
    await renewDeadTask(this.#redis, (name) => this.#queue.toKey(name), id, { ...data, due }, due);
  }
}
