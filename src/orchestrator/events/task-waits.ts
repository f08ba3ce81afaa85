import type { TaskDetail } from '../../shared/http-contract/tasks.ts';
import type { StoredEvent } from '../../shared/queue/bullmq-events.ts';
import type { EventFeed, FeedListener } from './event-feed.ts';
import type { ListenerLimit } from './listener-limit.ts';

const ENDS = new Set(['completed', 'dead', 'removed']);

export interface TaskWaitsOptions {
  readonly feed: EventFeed;
  /** Throws ASDLC_NOT_FOUND and ASDLC_REDIS_UNAVAILABLE, as routes do. */
  readonly look: (id: string) => Promise<TaskDetail>;
  /** Of all queues. */
  readonly limit: ListenerLimit;
}

export interface WaitLimits {
  readonly durationMs: number;
  /** Aborts when the client has left. */
  readonly signal: AbortSignal;
}

/** Lets clients wait for the end of tasks. */
export interface Waits {
  /** Whether a further one would be refused. */
  readonly isFull: boolean;
  wait(id: string, limits: WaitLimits): Promise<TaskDetail>;
}

/** Waits for the end of tasks of one queue, without a question to Redis for each: the feed says when to look. */
export class TaskWaits implements FeedListener {
  readonly #options: TaskWaitsOptions;
  readonly #wakes = new Map<string, Set<() => void>>();
  #size = 0;
  #joining: Promise<void> | undefined;

  constructor(options: TaskWaitsOptions) {
    this.#options = options;
  }

  /**
   * Returns the task when it has ended, or as it is when the time is over, the client has left or the process stops. Throws
   * as `look` does, and ASDLC_OVERLOADED when too many wait.
   */
  async wait(id: string, limits: WaitLimits): Promise<TaskDetail> {
    const { feed, look } = this.#options;
    const first = await look(id);
    if (hasEnded(first) || feed.isClosed || limits.signal.aborted) return first;
    const leave = this.#options.limit.take();
    this.#size += 1;
    try {
      return await this.#follow(id, limits);
    } finally {
      leave();
      this.#size -= 1;
      if (this.#size === 0) this.#leave();
    }
  }

  joined(): void {}

  onEvents(events: readonly StoredEvent[]): void {
    for (const { id, status } of events) if (ENDS.has(status)) this.#wake(id);
  }

  onGap(): void {
    for (const id of [...this.#wakes.keys()]) this.#wake(id);
  }

  onEnd(): void {
    this.#joining = undefined;
    this.onGap();
  }

  async #follow(id: string, { durationMs, signal }: WaitLimits): Promise<TaskDetail> {
    const { feed, look } = this.#options;
    const endAtMs = performance.now() + durationMs;
    for (;;) {
      if (!feed.isClosed) await this.#join();
      const woken = this.#whenWoken(id, signal); // before the look: what happens after it counts
      try {
        const task = await look(id);
        const leftMs = endAtMs - performance.now();
        if (hasEnded(task) || leftMs <= 0 || feed.isClosed || signal.aborted) return task;
        await woken.within(leftMs);
      } finally {
        woken.forget();
      }
    }
  }

  async #join(): Promise<void> {
    this.#joining ??= this.#options.feed.join(this);
    try {
      await this.#joining;
    } catch (error) {
      this.#joining = undefined;
      if (!this.#options.feed.isClosed) throw error;
    }
  }

  #leave(): void {
    this.#joining = undefined;
    this.#options.feed.leave(this);
  }

  #whenWoken(id: string, signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wakes = this.#wakes.get(id) ?? new Set();
    this.#wakes.set(id, wakes.add(resolve));
    signal.addEventListener('abort', () => resolve(), { once: true });
    let timer: NodeJS.Timeout | undefined;
    return {
      within: (limitMs: number) => {
        timer = setTimeout(resolve, limitMs);
        return promise;
      },
      forget: () => {
        clearTimeout(timer);
        wakes.delete(resolve);
        if (wakes.size === 0 && this.#wakes.get(id) === wakes) this.#wakes.delete(id);
      },
    };
  }

  #wake(id: string): void {
    for (const wake of this.#wakes.get(id) ?? []) wake();
  }
}

function hasEnded({ status }: TaskDetail): boolean {
  return status === 'completed' || status === 'dead';
}
