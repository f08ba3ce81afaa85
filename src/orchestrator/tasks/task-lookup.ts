import { notFound } from '../../shared/errors.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import { damageOf, damageOfData } from '../../shared/queue/bullmq-damage.ts';
import { UNREADABLE } from '../../shared/queue/bullmq-guard.ts';
import { type ListedJob, parseJson, parseListed, type QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { readTasks, type StoredTask } from '../../shared/queue/bullmq-tasks.ts';
import type { TaskQueue } from '../../shared/queue/queue.ts';

/** What a look-up finds of a task beside its status. */
export interface TaskJob extends ListedJob {
  /** See `dataOf`. */
  readonly data: unknown;
  readonly returnvalue: unknown;
  /** Which field is damaged, so that no worker can run the task; undefined: none. */
  readonly damage: string | undefined;
}

export interface FoundTask {
  readonly job: TaskJob;
  readonly status: TaskStatus;
}

/** So many tasks are read in one step. Redis does nothing else for about 1 ms. */
const READ_AT_ONCE = 100;

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

  /** As `find`, for ids that this program made. */
  async findAll(ids: readonly string[]): Promise<(FoundTask | undefined)[]> {
    const { redis, keyOf } = this.#redis;
    const found: (FoundTask | undefined)[] = [];
    for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
      const tasks = await readTasks(redis, keyOf, ids.slice(at, at + READ_AT_ONCE));
      found.push(...tasks.map((task) => task && foundTask(task)));
    }
    return found;
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

function foundTask({ id, status, fields }: StoredTask): FoundTask {
  const listed = parseListed(id, fields);
  const data = parseJson(fields.data);
  const damage = damageOf(fields) ?? damageOfData(data) ?? damageOfBytes(fields);
  const isNoted = damage === undefined || listed.failedReason.startsWith(UNREADABLE);
  const failedReason = isNoted ? listed.failedReason : UNREADABLE + damage;
  return {
    status,
    job: { ...listed, failedReason, data, returnvalue: parseJson(fields.returnvalue), damage },
  };
}

/** Only the worker sees the bytes. It notes the reason, and this text has a mark in the place of each wrong byte. */
function damageOfBytes({ data = '', failedReason = '' }: StoredTask['fields']): string | undefined {
  const isMarked = data.includes('\uFFFD') && failedReason.startsWith(UNREADABLE);
  return isMarked ? failedReason.slice(UNREADABLE.length) : undefined;
}
