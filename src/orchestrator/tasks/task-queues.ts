import { inputInvalid } from '../../shared/errors.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';
import { QUEUE_NAME, type TaskRoutes } from '../../shared/queue-names.ts';
import type { FoundTask, TaskLookup } from './task-lookup.ts';
import type { TaskStore } from './task-store.ts';

/** One queue, and what shows and changes its tasks. */
export interface OneQueue {
  readonly name: string;
  readonly queue: TaskQueue;
  readonly queueRedis: QueueRedis;
  readonly lookup: TaskLookup;
  readonly store: TaskStore;
}

/** The queues that this orchestrator knows: the default one, and those of TASK_ROUTES. */
export class TaskQueues {
  /** The default one first. */
  readonly all: readonly OneQueue[];
  readonly #routes: TaskRoutes;

  constructor(all: readonly OneQueue[], routes: TaskRoutes) {
    this.all = all;
    this.#routes = routes;
  }

  /** The default queue. Schedules put their tasks there. */
  get first(): OneQueue {
    return this.named(QUEUE_NAME);
  }

  /** Returns one queue, or all when no name is given. Throws ASDLC_INPUT_INVALID for a name that nobody knows. */
  chosen(name: string | undefined): readonly OneQueue[] {
    return name === undefined ? this.all : [this.named(name)];
  }

  /** Throws ASDLC_INPUT_INVALID for a name that nobody knows. */
  named(name: string): OneQueue {
    const found = this.all.find((each) => each.name === name);
    if (found !== undefined) return found;
    const known = this.all.map((each) => each.name).join(', ');
    throw inputInvalid(`queue: expected one of ${known}; got ${JSON.stringify(name.slice(0, 100))}`);
  }

  /** The queue of a new task: the one that it names, or that of its event type. Throws as `named` does. */
  forTask({
    event_type,
    queue,
  }: {
    readonly event_type: string;
    readonly queue?: string | undefined;
  }): OneQueue {
    return this.named(queue ?? this.#routes.queueOf(event_type));
  }

  /** The queue that has a task with this id; the default one when none has. Asks Redis only where there are several. */
  async ofTask(id: string): Promise<OneQueue> {
    const [, ...others] = this.all;
    if (others.length === 0) return this.first;
    const found = await Promise.all(
      others.map(
        ({ queueRedis: { redis, keyOf }, lookup }) => !lookup.isOwnKey(id) && redis.exists(keyOf(id)),
      ),
    );
    return others.find((_, i) => found[i] === 1) ?? this.first;
  }

  /** Finds tasks in whichever queue they are. */
  async findAll(ids: readonly string[]): Promise<(FoundTask | undefined)[]> {
    const [first = [], ...others] = await Promise.all(this.all.map(({ lookup }) => lookup.findAll(ids)));
    return first.map((task, i) => task ?? others.find((found) => found[i] !== undefined)?.[i]);
  }
}
