import type { ListedTask, TaskList, TaskStatus } from '../../shared/http-contract/tasks.ts';
import type { JobFilter } from '../../shared/queue/bullmq-filter.ts';
import { type Place, readRunTimes } from '../../shared/queue/bullmq-listing.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { withinLimit } from './redis-limit.ts';
import { findOfGroup, readTasks } from './task-search.ts';

/** The tasks of a status whose run times are compared: the newest of those that match. */
const MOST_COMPARED = 5_000;
const AT_ONCE = 1_000;
const LIMIT_MS = 1_000;

const ENDED: readonly TaskStatus[] = ['completed', 'dead'];

interface RunTime extends Place {
  readonly queueRedis: QueueRedis;
  readonly status: TaskStatus;
  readonly ranMs: number;
}

export interface SlowestOptions {
  readonly status?: TaskStatus | undefined;
  readonly filter: JobFilter;
  /** The error of a group: see `groupOfError`. */
  readonly group?: string | undefined;
  readonly limit: number;
}

/**
 * Returns the dead and completed tasks whose last attempt ran longest, longest first, among the newest that match. It
 * looks for 1 s: `looked_at` and `is_complete` say how far it came. Throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis
 * does not answer.
 */
export function listSlowest(queues: readonly QueueRedis[], options: SlowestOptions): Promise<TaskList> {
  const { status, limit } = options;
  const deadline = performance.now() + LIMIT_MS;
  return withinLimit(async () => {
    let slowest: RunTime[] = [];
    let [lookedAt, isComplete] = [0, true];
    const statuses = status === undefined ? ENDED : [status];
    const lists = statuses.flatMap((each) => queues.map((queueRedis) => ({ each, queueRedis })));
    for (const { each, queueRedis } of lists) {
      const found = await findRunTimes(queueRedis, options, each, deadline);
      slowest = [...slowest, ...found.times].sort((a, b) => b.ranMs - a.ranMs).slice(0, limit);
      lookedAt += found.lookedAt;
      isComplete &&= found.isComplete;
    }
    const tasks = await readAll(queues, slowest);
    return { tasks, next_cursor: null, looked_at: lookedAt, is_complete: isComplete };
  });
}

async function findRunTimes(
  queueRedis: QueueRedis,
  { filter, group }: SlowestOptions,
  status: TaskStatus,
  deadline: number,
): Promise<{ times: RunTime[]; lookedAt: number; isComplete: boolean }> {
  const { redis, keyOf } = queueRedis;
  const times: RunTime[] = [];
  let [lookedAt, compared] = [0, 0];
  let after: Place | undefined;
  do {
    const found = await findOfGroup(
      queueRedis,
      { ...filter, status, after, limit: AT_ONCE, deadline },
      group,
    );
    const ids = found.places.map(({ id }) => id);
    const ran = ids.length > 0 ? await readRunTimes(redis, keyOf, ids) : [];
    for (const [i, place] of found.places.entries()) {
      const ranMs = ran[i] ?? null; // a task that somebody cancelled before it began has none
      if (ranMs !== null) times.push({ ...place, queueRedis, status, ranMs });
    }
    lookedAt += found.lookedAt;
    compared += ids.length;
    after = found.next;
  } while (after !== undefined && compared < MOST_COMPARED && performance.now() < deadline);
  return { times, lookedAt, isComplete: after === undefined };
}

/** Reads tasks of several statuses, and keeps their order. */
async function readAll(queues: readonly QueueRedis[], places: readonly RunTime[]): Promise<ListedTask[]> {
  const read = await Promise.all(
    queues.flatMap((queueRedis) =>
      ENDED.map((status) =>
        readTasks(
          queueRedis,
          status,
          places.filter((place) => place.status === status && place.queueRedis === queueRedis),
        ),
      ),
    ),
  );
  const byId = new Map(read.flat().map((task) => [task.id, task]));
  return places.flatMap(({ id }) => byId.get(id) ?? []);
}
