import type { ListedTask, TaskList, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { type Place, readListed } from '../../shared/queue/bullmq-listing.ts';
import { type QueueRedis, STATUSES } from '../../shared/queue/bullmq-schema.ts';
import { type Cursor, formatCursor } from './cursor.ts';
import { withinLimit } from './redis-limit.ts';
import { listedTask } from './task-detail.ts';
import { findPlaces } from './task-places.ts';

/** A page ends after this, also when it is not full. Only a search of a million tasks takes so long. */
const SEARCH_LIMIT_MS = 1_000;

export interface PageOptions {
  readonly status?: TaskStatus | undefined;
  readonly eventType?: string | undefined;
  readonly limit: number;
  readonly cursor: Cursor;
}

/** Lists tasks, newest first within each status. `task-places.ts` has the order of each. */
export class TaskListing {
  readonly #queueRedis: QueueRedis;

  constructor(queueRedis: QueueRedis) {
    this.#queueRedis = queueRedis;
  }

  /**
   * Returns a page. A client may see a task twice or not at all if the task changes its status between two pages.
   * Throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer.
   */
  page({ status, eventType, limit, cursor }: PageOptions): Promise<TaskList> {
    const statuses = status === undefined ? STATUSES : [status];
    const deadline = performance.now() + SEARCH_LIMIT_MS;
    return withinLimit(async () => {
      const tasks: ListedTask[] = [];
      let { list, after } = cursor;
      for (let at = statuses[list]; at !== undefined && tasks.length < limit; at = statuses[list]) {
        const wanted = { status: at, eventType, after, limit: limit - tasks.length, deadline };
        const found = await findPlaces(this.#queueRedis, wanted);
        tasks.push(...(await this.#read(at, found.places)));
        [list, after] = found.next === undefined ? [list + 1, undefined] : [list, found.next];
        if (performance.now() > deadline) break;
      }
      return { tasks, next_cursor: list < statuses.length ? formatCursor({ list, after }) : null };
    });
  }

  /** Leaves out tasks that have another status by now. */
  async #read(status: TaskStatus, places: readonly Place[]): Promise<ListedTask[]> {
    const { redis, keyOf } = this.#queueRedis;
    const ids = places.map(({ id }) => id);
    const jobs = ids.length > 0 ? await readListed(redis, keyOf, status, ids) : [];
    return jobs.flatMap((job) => (job === undefined ? [] : [listedTask(job, status)]));
  }
}
