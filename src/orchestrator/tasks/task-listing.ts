import type { ListedTask, TaskList, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { pickIds } from '../../shared/queue/bullmq-listing.ts';
import { STATUSES } from '../../shared/queue/bullmq-schema.ts';
import { type Cursor, FIRST_PAGE, formatCursor } from './cursor.ts';
import { withinLimit } from './redis-limit.ts';
import { listSlowest, type SlowestOptions } from './slowest-tasks.ts';
import type { OneQueue, TaskQueues } from './task-queues.ts';
import { findOfGroup, readTasks } from './task-search.ts';

/** A page ends after this, also when it is not full. Only a search of very many tasks takes so long. */
const SEARCH_LIMIT_MS = 1_000;

export interface PageOptions extends SlowestOptions {
  /** One queue; undefined: all. */
  readonly queue?: string | undefined;
  readonly cursor: Cursor;
}

/** Lists tasks, newest first within each status and queue. `task-places.ts` has the order of each. */
export class TaskListing {
  readonly #queues: TaskQueues;

  constructor(queues: TaskQueues) {
    this.#queues = queues;
  }

  /**
   * Returns a page. A client may see a task twice or not at all if the task changes its status between two pages.
   * Throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer.
   */
  page(options: PageOptions): Promise<TaskList> {
    const { status, filter, group, limit, cursor } = options;
    const looksForError = filter.errorContains !== undefined || group !== undefined;
    const all = looksForError ? STATUSES.filter((each) => each !== 'completed') : STATUSES;
    const queues = this.#queues.chosen(options.queue);
    const lists = listsOf(status === undefined ? all : [status], queues);
    const deadline = performance.now() + SEARCH_LIMIT_MS;
    return withinLimit(async () => {
      const whole = cursor === FIRST_PAGE ? await findWholeId(lists, options) : undefined;
      if (whole !== undefined) return { tasks: [whole], next_cursor: null, looked_at: 1 };
      const tasks: ListedTask[] = [];
      let lookedAt = 0;
      let { list, after } = cursor;
      for (let at = lists[list]; at !== undefined && tasks.length < limit; at = lists[list]) {
        const { status, queueRedis } = at;
        const wanted = { ...filter, status, after, limit: limit - tasks.length, deadline };
        const found = await findOfGroup(queueRedis, wanted, group);
        lookedAt += found.lookedAt;
        tasks.push(...(await readTasks(queueRedis, status, found.places)));
        [list, after] = found.next === undefined ? [list + 1, undefined] : [list, found.next];
        if (performance.now() > deadline) break;
      }
      const next_cursor = list < lists.length ? formatCursor({ list, after }) : null;
      return { tasks, next_cursor, looked_at: lookedAt };
    });
  }

  /** Returns the tasks that ran longest: see `listSlowest`. */
  slowest(options: SlowestOptions & Pick<PageOptions, 'queue'>): Promise<TaskList> {
    const queues = this.#queues.chosen(options.queue);
    return listSlowest(
      queues.map(({ queueRedis }) => queueRedis),
      options,
    );
  }
}

/** The tasks of one status in one queue. */
export interface StatusList extends Pick<OneQueue, 'queueRedis' | 'lookup'> {
  readonly status: TaskStatus;
}

/** In the order in which listings show them, and changes of many tasks take them. */
export function listsOf(statuses: readonly TaskStatus[], queues: readonly OneQueue[]): StatusList[] {
  return statuses.flatMap((status) =>
    queues.map(({ queueRedis, lookup }) => ({ status, queueRedis, lookup })),
  );
}

/** A whole id needs no search. */
async function findWholeId(
  lists: readonly StatusList[],
  { filter: { idPrefix: id, ...filter }, group }: PageOptions,
): Promise<ListedTask | undefined> {
  if (id === undefined || group !== undefined || filter.parentId !== undefined) return undefined;
  for (const { status, queueRedis, lookup } of lists) {
    if (lookup.isOwnKey(id)) return undefined;
    const { places } = await pickIds(queueRedis.redis, queueRedis.keyOf, { ...filter, status, ids: [id] });
    const [task] = await readTasks(queueRedis, status, places);
    if (task !== undefined) return task;
  }
  return undefined;
}
