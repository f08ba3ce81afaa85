import type { Redis } from 'ioredis';
import { noteAttempt } from '../../shared/queue/bullmq-history.ts';
import { addLines, formatLine } from '../../shared/queue/bullmq-logs.ts';
import type { KeyOf } from '../../shared/queue/bullmq-schema.ts';
import type { TaskRecord } from '../../shared/queue/queue.ts';
import { AttemptNotes } from './attempt-notes.ts';

/** What a handler tells is kept this often, and when its attempt ends. */
const WRITE_INTERVAL_MS = 1_000;

export interface TaskNotesOptions {
  readonly keyOf: KeyOf;
  /** The worker's id. */
  readonly worker: string;
  /** Redis's time. */
  readonly clock: { now(): number };
  /** Called with each error of a command. What was to be noted is lost then. */
  readonly onRedisError: (error: Error) => void;
}

/**
 * Keeps with a task what happens to it while it runs. No call waits for Redis: the commands go out before those that
 * follow on the same connection.
 */
export class TaskNotes {
  readonly #redis: Redis;
  readonly #keyOf: KeyOf;
  readonly #options: TaskNotesOptions;
  /** Those with something new. */
  readonly #changed = new Set<AttemptNotes>();
  #timer: NodeJS.Timeout | undefined;

  constructor(redis: Redis, options: TaskNotesOptions) {
    this.#redis = redis;
    this.#keyOf = options.keyOf;
    this.#options = options;
  }

  /** Returns what takes the notes of an attempt that begins. */
  start(task: TaskRecord): AttemptNotes {
    return new AttemptNotes(task, this.#onChange);
  }

  /** The attempt has ended: what is new is kept before the end is stored. Call it before `putBack`. `isLost`: another worker has the task. */
  end(notes: AttemptNotes, { isLost = false } = {}): void {
    notes.end(isLost);
    if (this.#changed.delete(notes)) void this.#write(notes);
  }

  readonly #onChange = (notes: AttemptNotes): void => {
    this.#changed.add(notes);
    this.#timer ??= setTimeout(() => this.#writeAll(), WRITE_INTERVAL_MS).unref();
  };

  /** While Redis does not answer, notes stay here: commands would pile up. */
  #writeAll(): void {
    this.#timer = undefined;
    const due = [...this.#changed];
    this.#changed.clear();
    for (const notes of due) {
      if (notes.isWriting || this.#redis.status !== 'ready') this.#onChange(notes);
      else void this.#write(notes);
    }
  }

  async #write(notes: AttemptNotes): Promise<void> {
    const { task, attempt } = notes;
    const { lines, progress } = notes.take();
    const aheadMs = this.#options.clock.now() - Date.now();
    const place = { attempt, startedMs: task.processedOn ?? 0, aheadMs };
    const texts = lines.map(({ text, number }) => formatLine(text, { ...place, number }));
    notes.isWriting = true;
    await Promise.all([
      texts.length > 0 && addLines(this.#redis, this.#keyOf, task.id ?? '', texts),
      progress !== undefined && task.updateProgress(progress.value as object), // any JSON: BullMQ only writes it
    ]).catch(this.#options.onRedisError);
    notes.isWriting = false;
  }

  /** The attempt at a task ends here because the task goes back to the queue. */
  putBack(task: TaskRecord): void {
    const { worker, clock, onRedisError } = this.#options;
    noteAttempt(this.#redis, this.#keyOf, task.id ?? '', {
      number: task.attemptsMade + 1,
      startedMs: task.processedOn ?? 0,
      endedMs: Math.round(clock.now()),
      worker,
      outcome: 'put_back',
      ...(task.progress !== 0 && { progress: task.progress }),
    }).catch(onRedisError);
  }
}
