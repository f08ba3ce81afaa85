import { notFound } from '../../shared/errors.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import { damageOf } from '../../shared/queue/bullmq-damage.ts';
import {
  DEBOUNCED,
  type ListedJob,
  parseJson,
  parseListed,
  parseProgress,
} from '../../shared/queue/bullmq-fields.ts';
import { UNREADABLE } from '../../shared/queue/bullmq-guard.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { readTasks, type StoredTask } from '../../shared/queue/bullmq-tasks.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';

/** What a look-up finds of a task beside its status. */
export interface TaskJob extends ListedJob {
  /** JSON, or whatever somebody else wrote: see `splitData`. */
  readonly data: string;
  readonly returnvalue: string | undefined;
  /** The id of the task that waits for this one. */
  readonly parentId: string | undefined;
  readonly progress: unknown;
  /** Of a debounced task with a key: the digest of the payload with which it came. Undefined: its payload never changes. */
  readonly firstPayload: string | undefined;
  /** Which field is damaged, so that no worker can run the task; undefined: none but perhaps `data`. */
  readonly damage: string | undefined;
}

export interface FoundTask {
  readonly queue: string;
  readonly job: TaskJob;
  readonly status: TaskStatus;
}

/** Finds tasks by id, with their status, in a time that does not grow with the queue. */
export class TaskLookup {
  readonly #queue: Pick<TaskQueue, 'keys'>;
  readonly #redis: QueueRedis;

  constructor(queue: Pick<TaskQueue, 'keys'>, redis: QueueRedis) {
    this.#queue = queue;
    this.#redis = redis;
  }

  /** Returns a task and its status, undefined when there is none. */
  async find(id: string): Promise<FoundTask | undefined> {
    if (this.isOwnKey(id)) return undefined;
    const [found] = await this.findAll([id]);
    return found;
  }

  /** As `find`, for a few ids that this program made: Redis reads them in one step. */
  async findAll(ids: readonly string[]): Promise<(FoundTask | undefined)[]> {
    const tasks = await readTasks(this.#redis.redis, this.#redis.keyOf, ids);
    return tasks.map((task) => task && { ...foundTask(task), queue: this.#redis.queue });
  }

  /** As `find`, but throws ASDLC_NOT_FOUND when there is no such task. */
  async require(id: string): Promise<FoundTask> {
    const found = await this.find(id);
    if (!found) throw noSuchTask(id);
    return found;
  }

  /** BullMQ's own keys lie beside those of tasks: an id must not name one. */
  isOwnKey(id: string): boolean {
    return id.includes(':') || Object.hasOwn(this.#queue.keys, id);
  }
}

export function noSuchTask(id: string) {
  return notFound(`No task ${JSON.stringify(id.slice(0, 100))}; it may have been removed after its time.`);
}

function foundTask({ id, status, fields }: StoredTask): Omit<FoundTask, 'queue'> {
  const listed = parseListed(id, fields);
  const damage = damageOf(fields) ?? damageOfBytes(fields);
  const isNoted = damage === undefined || listed.failedReason.startsWith(UNREADABLE);
  const failedReason = isNoted ? listed.failedReason : UNREADABLE + damage;
  return {
    status,
    job: {
      ...listed,
      failedReason,
      data: fields.data ?? '',
      returnvalue: fields.returnvalue,
      parentId: parentIdOf(fields.parent),
      firstPayload: fields[DEBOUNCED] || undefined,
      progress: parseProgress(fields.progress),
      damage,
    },
  };
}

function parentIdOf(text: string | undefined): string | undefined {
  const { id } = Object(parseJson(text)) as { id?: unknown }; // anything may be in Redis
  return typeof id === 'string' && /^[^:]{1,200}$/.test(id) ? id : undefined;
}

/** Only the worker sees the bytes. It notes the reason, and this text has a mark in the place of each wrong byte. */
function damageOfBytes({ data = '', failedReason = '' }: StoredTask['fields']): string | undefined {
  const isMarked = data.includes('\uFFFD') && failedReason.startsWith(UNREADABLE);
  return isMarked ? failedReason.slice(UNREADABLE.length) : undefined;
}
