import type { JobType } from 'bullmq';
import type { Redis } from 'ioredis';
import type { ListedTask, TaskList, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { LISTS_BY_STATUS } from '../../shared/queue/bullmq-schema.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import { type Cursor, formatCursor } from './cursor.ts';
import { withinLimit } from './redis-limit.ts';
import { readListed } from './task-detail.ts';

const SCAN_PAGE = 100;

/** A page ends after so many tasks were read, also when few of them match the filter. */
const MAX_SCANNED = 2_000;

export interface PageOptions {
  readonly status?: TaskStatus | undefined;
  readonly eventType?: string | undefined;
  readonly limit: number;
  readonly cursor: Cursor;
}

interface StatusList {
  readonly status: TaskStatus;
  readonly type: JobType;
}

/** Tasks that were read from one list, undefined for each that was removed meanwhile. */
interface ScannedTasks {
  readonly tasks: readonly (ListedTask | undefined)[];
  readonly isLast: boolean;
}

/** Lists tasks, newest first within each status. */
export class TaskListing {
  readonly #queue: TaskQueue;
  readonly #redis: Redis;

  /** `redis` is the queue's connection. */
  constructor(queue: TaskQueue, redis: Redis) {
    this.#queue = queue;
    this.#redis = redis;
  }

  /**
   * Returns a page. A client may see a task twice or not at all if the task changes its status between two pages.
   * Throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer.
   */
  page({ status, eventType, limit, cursor }: PageOptions): Promise<TaskList> {
    const lists = listsOf(status);
    return withinLimit(async () => {
      const tasks: ListedTask[] = [];
      let { list, offset } = cursor;
      let scanned = 0;
      for (let from = lists[list]; from !== undefined && scanned < MAX_SCANNED; from = lists[list]) {
        const count = eventType === undefined ? Math.min(limit - tasks.length, SCAN_PAGE) : SCAN_PAGE;
        const found = await this.#scan(from, offset, count);
        for (const [i, task] of found.tasks.entries()) {
          if (!task || (eventType !== undefined && task.event_type !== eventType)) continue;
          tasks.push(task);
          if (tasks.length === limit)
            return { tasks, next_cursor: formatCursor({ list, offset: offset + i + 1 }) };
        }
        scanned += found.tasks.length;
        [list, offset] = found.isLast ? [list + 1, 0] : [list, offset + count];
      }
      return { tasks, next_cursor: list < lists.length ? formatCursor({ list, offset }) : null };
    });
  }

  async #scan({ status, type }: StatusList, offset: number, count: number): Promise<ScannedTasks> {
    const ids = await this.#queue.getRanges([type], offset, offset + count - 1, false);
    const tasks = await readListed(this.#redis, ids, (id) => this.#queue.toKey(id), status);
    return { tasks, isLast: ids.length < count };
  }
}

function listsOf(status: TaskStatus | undefined): readonly StatusList[] {
  const statuses = status ? [status] : (Object.keys(LISTS_BY_STATUS) as TaskStatus[]);
  return statuses.flatMap((name) => LISTS_BY_STATUS[name].map((type) => ({ status: name, type })));
}
