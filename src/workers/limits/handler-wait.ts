import type { Redis } from 'ioredis';
import { bringBackAllParked } from '../../shared/queue/bullmq-parking.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';
import {
  clearUnhandled,
  noteUnhandled,
  promoteUnhandled,
  type UnhandledTask,
} from '../../shared/queue/bullmq-unhandled.ts';
import { REFUSAL_RETRY_MS } from '../../shared/queue/errors.ts';
import type { TaskRecord } from '../../shared/queue/queue.ts';
import type { Logger } from '../../shared/service/logging.ts';
import { permanentFailure } from '../attempts/failure.ts';
import { Postponement } from './event-type-limits.ts';

export interface HandlerWaitOptions {
  readonly keyOf: KeyOf;
  /** A task that has waited for so long is dead. */
  readonly graceMs: number;
  readonly logger: Logger;
  /** Called with each error of a command. */
  readonly onRedisError: (error: Error) => void;
}

/**
 * Puts off tasks whose event type has no handler here. In a rolling deploy a newer worker has one: it brings the task
 * back as it announces its types. The grace begins when a worker first took the task, so that a deep queue uses up
 * none of it. It goes by Redis's clock.
 */
export class HandlerWait {
  readonly #redis: Redis;
  readonly #keyOf: KeyOf;
  readonly #options: HandlerWaitOptions;

  constructor(redis: Redis, options: HandlerWaitOptions) {
    this.#redis = redis;
    this.#keyOf = options.keyOf;
    this.#options = options;
  }

  /** Returns for how long to put the task off. Throws a permanent failure once its grace is over. */
  async postpone(task: TaskRecord): Promise<Postponement> {
    const { graceMs, logger, onRedisError } = this.#options;
    const graceSeconds = graceMs / 1000;
    const shownType = task.name.slice(0, 100);
    const wait = await noteUnhandled(this.#redis, this.#keyOf, unhandled(task), graceMs).catch(onRedisError);
    if (!wait) return new Postponement(REFUSAL_RETRY_MS);
    if (wait.delayMs === undefined) {
      const type = JSON.stringify(shownType);
      throw permanentFailure(
        'unknown_type',
        `unknown_type: expected a worker with a handler for the event type ${type} within ${graceSeconds} s; got none.`,
      );
    }
    if (wait.isFirst) {
      const fields = { task_id: task.id, event_type: shownType, grace_seconds: graceSeconds };
      logger.warn(fields, 'this worker has no handler for the event type; the task waits for one that has');
    }
    return new Postponement(wait.delayMs);
  }

  /** This worker has a handler for the task. If Redis refuses, the next check of such tasks finds it. */
  end(task: TaskRecord): void {
    clearUnhandled(this.#redis, this.#keyOf, unhandled(task)).catch(this.#options.onRedisError);
  }
}

function unhandled({ id = '', name, timestamp }: TaskRecord): UnhandledTask {
  return { id, eventType: name, createdMs: timestamp };
}

/** A worker spends so much time at once on tasks that come back. */
const BRING_BACK_MS = 500;

/**
 * Queues the tasks that wait for a handler of these event types, and those whose event type is paused no more. Returns
 * whether to call it again soon: an older worker may take the former again before this one does, and there may be more
 * of the latter. Never rejects: the next call may succeed.
 */
export async function bringBackWaiting(
  redis: Redis,
  keyOf: KeyOf,
  eventTypes: readonly string[],
): Promise<boolean> {
  const count = await promoteUnhandled(redis, keyOf, eventTypes).catch(() => 0);
  const deadline = performance.now() + BRING_BACK_MS;
  const isMore = await bringBackAllParked(redis, keyOf, deadline).catch(() => false);
  return count > 0 || isMore;
}
