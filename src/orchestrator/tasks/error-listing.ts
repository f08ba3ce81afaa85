import type { ErrorGroup, ErrorGroups } from '../../shared/http-contract/errors.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import { type Place, readSizes } from '../../shared/queue/bullmq-listing.ts';
import { type JobOutline, readOutlines } from '../../shared/queue/bullmq-outlines.ts';
import { groupOfError } from './error-groups.ts';
import { isoTime } from './iso-time.ts';
import { withinLimit } from './redis-limit.ts';
import { findPlaces } from './task-places.ts';
import type { TaskQueues } from './task-queues.ts';

/** How many tasks one call looks at, and for how long at most. */
const MOST_LOOKED_AT = 10_000;
const TIME_LIMIT_MS = 500;
/** Redis, and this process, do nothing else for 2 ms or so. */
const AT_ONCE = 500;
const MOST_GROUPS = 100;

export interface ErrorQuery {
  readonly status: TaskStatus;
  readonly eventType: string | undefined;
  /** One queue; undefined: all. */
  readonly queue?: string | undefined;
}

/** Groups the errors of tasks by event type and by what their messages have in common. */
export class ErrorListing {
  readonly #queues: TaskQueues;

  constructor(queues: TaskQueues) {
    this.#queues = queues;
  }

  /** Looks at the newest 10,000 tasks at most. Throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer. */
  groups({ status, eventType, queue }: ErrorQuery): Promise<ErrorGroups> {
    const queues = this.#queues.chosen(queue);
    const deadline = performance.now() + TIME_LIMIT_MS;
    return withinLimit(async () => {
      const groups = new Map<string, Group>();
      let [total, lookedAt, isComplete] = [0, 0, true];
      for (const { queueRedis } of queues) {
        const { redis, keyOf } = queueRedis;
        total += (await readSizes(redis, keyOf, status, undefined)).listed;
        let after: Place | undefined;
        do {
          const wanted = { status, eventType, after, limit: AT_ONCE, deadline };
          const found = await findPlaces(queueRedis, wanted);
          const ids = found.places.map(({ id }) => id);
          for (const outline of ids.length > 0 ? await readOutlines(redis, keyOf, ids) : []) {
            if (status === 'dead' || outline.error !== '') add(groups, outline);
          }
          lookedAt += found.lookedAt;
          after = found.next;
        } while (after !== undefined && lookedAt < MOST_LOOKED_AT && performance.now() < deadline);
        isComplete &&= after === undefined;
      }
      const largest = [...groups.values()].sort((a, b) => b.count - a.count || b.lastMs - a.lastMs);
      return {
        groups: largest.slice(0, MOST_GROUPS).map(shown),
        left_out: Math.max(0, largest.length - MOST_GROUPS),
        looked_at: lookedAt,
        total,
        is_complete: isComplete,
      };
    });
  }
}

interface Group {
  readonly event_type: string;
  readonly error: string;
  count: number;
  sinceMs: number;
  lastMs: number;
  example: string;
}

function add(groups: Map<string, Group>, { id, eventType, error: message, atMs }: JobOutline): void {
  const error = groupOfError(message);
  const key = `${eventType}\n${error}`;
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, { event_type: eventType, error, count: 1, sinceMs: atMs, lastMs: atMs, example: id });
    return;
  }
  group.count += 1;
  group.sinceMs = Math.min(group.sinceMs, atMs);
  if (atMs > group.lastMs) [group.lastMs, group.example] = [atMs, id];
}

function shown({ sinceMs, lastMs, ...group }: Group): ErrorGroup {
  return { ...group, since: isoTime(sinceMs), last: isoTime(lastMs) };
}
