import { conflict } from '../../shared/errors.ts';
import type { PausedEventType, TypePause } from '../../shared/http-contract/event-types.ts';
import {
  bringBackAllParked,
  type TypePause as KeptPause,
  MOST_PAUSED_TYPES,
  type PausedType,
  parkWaiting,
  pauseType,
  readPausedTypes,
  resumeType,
} from '../../shared/queue/bullmq-parking.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { isoTime } from './iso-time.ts';
import { withinLimit } from './redis-limit.ts';

/** A call moves tasks for so long. Workers move the rest. */
const MOVING_LIMIT_MS = 1_000;

/**
 * Pauses and resumes single event types, in all queues. Each call throws ASDLC_REDIS_UNAVAILABLE within 2 s when Redis does not answer. The
 * change may happen all the same.
 */
export class TypePauses {
  readonly #queues: readonly QueueRedis[];

  constructor(queues: readonly QueueRedis[]) {
    this.#queues = queues;
  }

  /** Returns the pauses by event type. */
  all(): Promise<ReadonlyMap<string, TypePause>> {
    return withinLimit(async () => {
      const pauses = await Promise.all(this.#queues.map(readPauses));
      return new Map(pauses.flatMap((each) => [...each]));
    });
  }

  /** Lets no worker take tasks of the type. `by` is the name of the token. Throws ASDLC_CONFLICT when too many are paused. */
  pause(eventType: string, by: string): Promise<TypePause> {
    const deadline = performance.now() + MOVING_LIMIT_MS;
    return withinLimit(async () => {
      const pauses = await Promise.all(
        this.#queues.map(({ redis, keyOf }) => pauseType(redis, keyOf, eventType, by)),
      );
      const [first] = pauses;
      if (first === undefined || pauses.includes(undefined))
        throw conflict(`Expected at most ${MOST_PAUSED_TYPES} paused event types; got one more.`);
      for (const { redis, keyOf } of this.#queues) {
        let after = await parkWaiting(redis, keyOf, eventType);
        while (after !== undefined && performance.now() < deadline)
          after = await parkWaiting(redis, keyOf, eventType, after);
      }
      return shownPause(first);
    });
  }

  /** Lets workers take tasks of the type again, and queues those that waited. */
  resume(eventType: string): Promise<void> {
    const deadline = performance.now() + MOVING_LIMIT_MS;
    return withinLimit(async () => {
      await Promise.all(this.#queues.map(({ redis, keyOf }) => resumeType(redis, keyOf, eventType)));
      for (const { redis, keyOf } of this.#queues) await bringBackAllParked(redis, keyOf, deadline);
    });
  }
}

/** Returns the pauses by event type. Rejects as the connection does. */
export async function readPauses({ redis, keyOf }: QueueRedis): Promise<ReadonlyMap<string, TypePause>> {
  const paused = await readPausedTypes(redis, keyOf);
  return new Map(paused.map((pause) => [pause.eventType, shownPause(pause)]));
}

function shownPause({ sinceMs, by }: KeptPause): TypePause {
  return { since: isoTime(sinceMs), by };
}

export function shownPausedType({ eventType, tasks, ...pause }: PausedType): PausedEventType {
  return { event_type: eventType, ...shownPause(pause), tasks };
}
