import type { Redis } from 'ioredis';
import { conflict, taskUnreadable } from '../../shared/errors.ts';
import type { TaskHistory, TaskLogs } from '../../shared/http-contract/task-history.ts';
import type { TaskDetail, TaskSummary } from '../../shared/http-contract/tasks.ts';
import { cancelTasks, removeTasks } from '../../shared/queue/bullmq-changes.ts';
import { readTaskOutlines } from '../../shared/queue/bullmq-flow-reading.ts';
import { readHistory } from '../../shared/queue/bullmq-history-reading.ts';
import { readLines } from '../../shared/queue/bullmq-logs.ts';
import { retryDeadTasks, runDelayedTasks } from '../../shared/queue/bullmq-requeue.ts';
import type { KeyOf, QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { withinLimit } from './redis-limit.ts';
import { taskDetail } from './task-detail.ts';
import { shownLine, taskHistory } from './task-history.ts';
import { noSuchTask, type TaskLookup } from './task-lookup.ts';
import { retriedChildren, retriedTask } from './task-retry.ts';
import { readPauses } from './type-pauses.ts';

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
      const { queueRedis, lookup } = this.#options;
      const readOutlines = (ids: readonly string[]) =>
        readTaskOutlines(queueRedis.redis, queueRedis.keyOf, ids);
      const [task, pauses] = await Promise.all([lookup.require(id), readPauses(queueRedis)]);
      return taskDetail(task, pauses, readOutlines);
    });
  }

  /** Returns what happened to a task. */
  async history(id: string): Promise<TaskHistory> {
    return taskHistory(await this.#read(id, readHistory));
  }

  /** Returns what the handler of a task logged. */
  async logs(id: string): Promise<TaskLogs> {
    return { lines: (await this.#read(id, readLines)).map(shownLine) };
  }

  /** Removes a task and all its data. Throws ASDLC_CONFLICT while the task is active. */
  remove(id: string): Promise<void> {
    const { queueRedis, lookup } = this.#options;
    return withinLimit(async () => {
      if (lookup.isOwnKey(id)) throw noSuchTask(id);
      const [result] = await removeTasks(queueRedis.redis, queueRedis.keyOf, [id]);
      if (result === 'gone') throw noSuchTask(id);
      if (result === 'active')
        throw conflict(`Expected a task that is not active; got task ${id}, which is.`);
    });
  }

  /**
   * Queues a dead task again, and the dead ones that it waits for, with all their attempts; `by` is the name of the token.
   * Throws ASDLC_CONFLICT for any other, and ASDLC_TASK_UNREADABLE for one that is still damaged.
   */
  retry(id: string, by: string): Promise<TaskSummary> {
    const { queueRedis, lookup, clock } = this.#options;
    return withinLimit(async () => {
      const { job, status } = await lookup.require(id);
      if (status !== 'dead') throw conflict(`Expected a dead task; got task ${id}, which is ${status}.`);
      const dueMs = Math.round(clock.now());
      const task = await retriedTask(job, dueMs, by);
      if ('damage' in task) throw taskUnreadable(id, task.damage);
      const { children } = await retriedChildren({ queueRedis, lookup }, [id], { dueMs, by });
      const tasks = [...children, task];
      const results = await retryDeadTasks(queueRedis.redis, queueRedis.keyOf, tasks, new Set([id]));
      const result = results.at(-1);
      if (result === 'gone') throw noSuchTask(id);
      if (result === 'dead child')
        throw conflict(
          `Expected a task whose children can run; got task ${id}, and one of its children cannot.`,
        );
      if (result === 'not dead')
        throw conflict(`Expected a dead task; got task ${id}, which changed its status meanwhile.`);
      const { queue } = queueRedis;
      return { id, event_type: job.name, queue, status: result === 'blocked' ? 'blocked' : 'queued' };
    });
  }

  /**
   * Ends a task that waits, and asks its worker to end one that runs; `by` is the name of the token. Throws ASDLC_CONFLICT
   * for one that has ended.
   */
  cancel(id: string, by: string): Promise<TaskSummary> {
    const { queueRedis, lookup } = this.#options;
    return withinLimit(async () => {
      const { job, status } = await lookup.require(id);
      const [result] = await cancelTasks(queueRedis.redis, queueRedis.keyOf, [id], by);
      if (result === 'gone') throw noSuchTask(id);
      if (result === 'ended')
        throw conflict(`Expected a task that waits or runs; got task ${id}, which was ${status}.`);
      return {
        id,
        event_type: job.name,
        queue: queueRedis.queue,
        status: result === 'asked' ? 'active' : 'dead',
      };
    });
  }

  /** Makes a delayed task due now; `by` is the name of the token. Throws ASDLC_CONFLICT for any other. */
  runNow(id: string, by: string): Promise<TaskSummary> {
    const { queueRedis, lookup } = this.#options;
    return withinLimit(async () => {
      const { job, status } = await lookup.require(id);
      const [result] = await runDelayedTasks(queueRedis.redis, queueRedis.keyOf, [id], by);
      if (result === 'gone') throw noSuchTask(id);
      if (result === 'not delayed')
        throw conflict(`Expected a delayed task; got task ${id}, which is ${status}.`);
      return { id, event_type: job.name, queue: queueRedis.queue, status: 'queued' as const };
    });
  }

  #read<T>(id: string, read: (redis: Redis, keyOf: KeyOf, id: string) => Promise<T | undefined>): Promise<T> {
    const { queueRedis, lookup } = this.#options;
    return withinLimit(async () => {
      const found = lookup.isOwnKey(id) ? undefined : await read(queueRedis.redis, queueRedis.keyOf, id);
      if (found === undefined) throw noSuchTask(id);
      return found;
    });
  }
}
