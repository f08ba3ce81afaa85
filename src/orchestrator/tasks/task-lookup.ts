import type { Job } from 'bullmq';
import { notFound } from '../../shared/errors.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import { STATUS_BY_STATE } from '../../shared/queue/bullmq-schema.ts';
import type { TaskData, TaskQueue } from '../../shared/queue/queue.ts';

export type TaskJob = Job<TaskData, unknown, string>;

export interface FoundTask {
  readonly job: TaskJob;
  readonly status: TaskStatus;
}

const MAX_READS = 5;

/** Finds tasks by id. */
export class TaskLookup {
  readonly #queue: TaskQueue;

  constructor(queue: TaskQueue) {
    this.#queue = queue;
  }

  /**
   * Returns a task and its status, undefined when there is none. It reads both until they agree: a task may end between
   * the two reads.
   */
  async find(id: string): Promise<FoundTask | undefined> {
    if (this.#isOwnKey(id)) return undefined;
    for (let read = 1; ; read++) {
      const status = STATUS_BY_STATE[await this.#queue.getJobState(id)];
      const job: TaskJob | undefined = await this.#queue.getJob(id);
      if (!job) return undefined;
      const ended = status === 'completed' || status === 'dead';
      if (ended === Boolean(job.finishedOn) || read === MAX_READS) return { job, status };
    }
  }

  /** As `find`, but throws ASDLC_NOT_FOUND when there is no such task. */
  async require(id: string): Promise<FoundTask> {
    const found = await this.find(id);
    if (!found)
      throw notFound(`No task ${JSON.stringify(id.slice(0, 100))}; it may have been removed after its time.`);
    return found;
  }

  /** BullMQ's own keys lie beside those of tasks: an id must not name one. */
  #isOwnKey(id: string): boolean {
    return id.includes(':') || Object.hasOwn(this.#queue.keys, id);
  }
}
