import { conflict, taskUnreadable } from '../../shared/errors.ts';
import type { TaskDetail, TaskSummary } from '../../shared/http-contract/tasks.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { removeTask, retryDeadTask } from '../../shared/queue/bullmq-tasks.ts';
import { withinLimit } from './redis-limit.ts';
import { taskDetail } from './task-detail.ts';
import { noSuchTask, type TaskLookup } from './task-lookup.ts';
import { joinData, splitData } from './task-text.ts';

export interface TaskStoreOptions {
  readonly queueRedis: QueueRedis;
  readonly lookup: TaskLookup;
  /** Redis's clock, in Unix milliseconds. */
  readonly clock: { now(): number };
}

/**
 * Shows and changes single tasks. Every method throws ASDLC_NOT_FOUND for an unknown id, and ASDLC_REDIS_UNAVAILABLE
 * within 2 s when Redis does not answer. The change may happen all the same.
 */
export class TaskStore {
  readonly #options: TaskStoreOptions;

  constructor(options: TaskStoreOptions) {
    this.#options = options;
  }

  get(id: string): Promise<TaskDetail> {
    return withinLimit(async () => {
      return taskDetail(await this.#options.lookup.require(id));
    });
  }

  /** Removes a task and all its data. Throws ASDLC_CONFLICT while the task is active. */
  remove(id: string): Promise<void> {
    const { queueRedis, lookup } = this.#options;
    return withinLimit(async () => {
      if (lookup.isOwnKey(id)) throw noSuchTask(id);
      const result = await removeTask(queueRedis.redis, queueRedis.keyOf, id);
      if (result === 'gone') throw noSuchTask(id);
      if (result === 'active')
        throw conflict(`Expected a task that is not active; got task ${id}, which is.`);
    });
  }

  /**
   * Queues a dead task again, with all its attempts. Throws ASDLC_CONFLICT for any other, and ASDLC_TASK_UNREADABLE for
   * one that is still damaged.
   */
  retry(id: string): Promise<TaskSummary> {
    const { queueRedis, lookup, clock } = this.#options;
    return withinLimit(async () => {
      const { job, status } = await lookup.require(id);
      if (status !== 'dead') throw conflict(`Expected a dead task; got task ${id}, which is ${status}.`);
      const { payload, others, damage } = await splitData(job.data);
      const damaged = job.damage ?? damage;
      if (damaged !== undefined) throw taskUnreadable(id, damaged);
      const { quarantine_starts: _, quarantine_process: __, ...kept } = others;
      const dueMs = Math.round(clock.now());
      const result = await retryDeadTask(queueRedis.redis, queueRedis.keyOf, {
        id,
        data: joinData({ payload, others: { ...kept, due: dueMs } }),
        dueMs,
        priority: job.priority,
      });
      if (result === 'gone') throw noSuchTask(id);
      if (result === 'not dead')
        throw conflict(`Expected a dead task; got task ${id}, which changed its status meanwhile.`);
      return { id, event_type: job.name, status: 'queued' as const };
    });
  }
}
