import type { BulkAction, BulkResult } from '../../shared/http-contract/bulk.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import {
  type CancelResult,
  cancelTasks,
  type RemovalResult,
  removeTasks,
} from '../../shared/queue/bullmq-changes.ts';
import type { JobFilter } from '../../shared/queue/bullmq-filter.ts';
import { type Found, type Place, pickIds } from '../../shared/queue/bullmq-listing.ts';
import { type JobOutline, readOutlines } from '../../shared/queue/bullmq-outlines.ts';
import {
  type RetriedTask,
  type RetryResult,
  type RunNowResult,
  retryDeadTasks,
  runDelayedTasks,
} from '../../shared/queue/bullmq-requeue.ts';
import { highestScore, type SortedStatus } from '../../shared/queue/bullmq-sorted-walk.ts';
import { type Cursor, FIRST_PAGE, formatCursor } from './cursor.ts';
import { groupOfError } from './error-groups.ts';
import { withinLimit } from './redis-limit.ts';
import { listsOf, type StatusList } from './task-listing.ts';
import { findOldest, findPlaces } from './task-places.ts';
import type { TaskQueues } from './task-queues.ts';
import { retriedChildren, retriedTask } from './task-retry.ts';

/** A call ends after this. Its last slice still fits into the time of `withinLimit`. */
const TIME_LIMIT_MS = 1_000;

/** How many tasks one search finds. */
const FOUND_AT_ONCE = 1_000;

/** Redis, and this process, do nothing else while they work on one slice: 5 ms or so. */
const SLICE_TASKS = 200;
const SLICE_BYTES = 512 * 1024;

/** Which tasks an action is for. A task that goes on to another status meanwhile is found in a later list. */
const STATUSES_OF: Readonly<Record<BulkAction, readonly TaskStatus[]>> = {
  retry: ['dead'],
  cancel: ['blocked', 'delayed', 'queued', 'active'],
  run_now: ['delayed'],
  remove: ['blocked', 'delayed', 'queued', 'dead', 'completed'],
};

/** Returns the statuses of the tasks that an action is for; undefined: it is for none with that status. */
export function statusesOf(
  action: BulkAction,
  status: TaskStatus | undefined,
): readonly TaskStatus[] | undefined {
  if (status === undefined) return STATUSES_OF[action];
  return STATUSES_OF[action].includes(status) ? [status] : undefined;
}

export interface BulkOptions {
  readonly action: BulkAction;
  /** The name of the token. */
  readonly by: string;
  readonly statuses: readonly TaskStatus[];
  readonly filter: JobFilter;
  /** The error of a group: see `groupOfError`. */
  readonly group: string | undefined;
  /** No other tasks than these. */
  readonly ids: readonly string[] | undefined;
  /** One queue; undefined: all. */
  readonly queue?: string | undefined;
  readonly limit: number;
  readonly isDryRun: boolean;
  readonly cursor: Cursor;
}

export interface BulkChangeOptions {
  readonly queues: TaskQueues;
  /** Redis's clock, in Unix milliseconds. */
  readonly clock: { now(): number };
}

/** These actions queue tasks: those first that died, or were due, first. */
const OLDEST_FIRST: Partial<Readonly<Record<BulkAction, SortedStatus>>> = {
  retry: 'dead',
  run_now: 'delayed',
};

type Outcome = 'done' | keyof BulkResult['failures'];

/**
 * Changes many tasks: newest first within each status and queue, but for those of OLDEST_FIRST.
 */
export class BulkChange {
  readonly #options: BulkChangeOptions;

  constructor(options: BulkChangeOptions) {
    this.#options = options;
  }

  /**
   * Changes tasks until there are no more, `limit` is reached or 1 s is over: then the result has a cursor to go on. A task
   * that dies again, or is put off to the end, meanwhile is later than these go, so that following cursors ends. Throws ASDLC_REDIS_UNAVAILABLE when
   * Redis does not answer; some tasks may be changed by then, and the same call goes on with the others.
   */
  run(options: BulkOptions): Promise<BulkResult> {
    return withinLimit(() => this.#run(options));
  }

  async #run(options: BulkOptions): Promise<BulkResult> {
    const { cursor, limit } = options;
    const lists = listsOf(options.statuses, this.#options.queues.chosen(options.queue));
    const deadline = performance.now() + TIME_LIMIT_MS;
    const tally = new Tally();
    let { list, after } = cursor;
    const oldest = OLDEST_FIRST[options.action];
    const until = await this.#until(options, oldest, lists);
    for (let at = lists[list]; at !== undefined; at = lists[list]) {
      if (tally.matched >= limit || performance.now() > deadline) break;
      const most = Math.min(FOUND_AT_ONCE, limit - tally.matched);
      const wanted = { after, limit: most, deadline };
      const found = await (oldest === undefined || until === undefined
        ? this.#find(options, at, wanted)
        : findOldest(at.queueRedis, { ...options.filter, ...wanted, status: oldest, until }));
      tally.lookedAt += found.lookedAt;
      const next = await this.#changeFound(options, at, { found, deadline, tally });
      [list, after] = next === undefined ? [list + 1, undefined] : [list, next];
    }
    return tally.result(list < lists.length ? formatCursor({ list, after, until }) : null);
  }

  /** The highest score that the action goes to; undefined where it does not begin with the oldest. */
  async #until(
    { ids, cursor }: BulkOptions,
    oldest: SortedStatus | undefined,
    lists: readonly StatusList[],
  ): Promise<number | undefined> {
    if (oldest === undefined || ids !== undefined) return undefined;
    if (cursor !== FIRST_PAGE) return cursor.until; // an older version's cursor has none
    const scores = lists.map(({ queueRedis: { redis, keyOf } }) => highestScore(redis, keyOf, oldest));
    return Math.max(0, ...(await Promise.all(scores)));
  }

  async #find(
    options: BulkOptions,
    { status, queueRedis, lookup }: StatusList,
    wanted: { after: Place | undefined; limit: number; deadline: number },
  ): Promise<Found<Place>> {
    const { filter, ids } = options;
    if (ids === undefined) return findPlaces(queueRedis, { ...filter, status, ...wanted });
    const known = ids.filter((id) => !lookup.isOwnKey(id));
    if (filter.parentId === undefined) {
      const found = await pickIds(queueRedis.redis, queueRedis.keyOf, { ...filter, status, ids: known });
      return pageOfIds(found, { ...options, ids }, wanted);
    }
    const all = { ...wanted, after: undefined, limit: Number.POSITIVE_INFINITY };
    const found = await findPlaces(queueRedis, { ...filter, status, ...all });
    const places = found.places.filter(({ id }) => known.includes(id));
    return pageOfIds({ ...found, places }, { ...options, ids }, wanted);
  }

  /** Works through what a search found, a slice at a time. Returns where to go on; undefined at the end. */
  async #changeFound(
    { action, by, group, isDryRun }: BulkOptions,
    list: StatusList,
    { found, deadline, tally }: { found: Found<Place>; deadline: number; tally: Tally },
  ): Promise<Place | undefined> {
    const { redis, keyOf } = list.queueRedis;
    const { places } = found;
    const ids = places.map(({ id }) => id);
    const outlines = ids.length > 0 ? await readOutlines(redis, keyOf, ids) : [];
    let at = 0;
    for (const slice of slicesOf(outlines)) {
      const ofGroup = slice.filter(({ error }) => group === undefined || groupOfError(error) === group);
      const { retried } = tally;
      const outcomes =
        isDryRun || ofGroup.length === 0
          ? []
          : await this.#change({ action, by, retried, deadline }, list, ofGroup);
      tally.note(outcomes);
      const changed = isDryRun ? ofGroup.length : outcomes.length;
      tally.matched += changed;
      const last = ofGroup[changed - 1];
      const isCut = last !== undefined && changed < ofGroup.length;
      at += isCut ? slice.indexOf(last) + 1 : slice.length;
      if ((isCut || performance.now() > deadline) && at < ids.length) return places[at - 1];
    }
    return found.next;
  }

  /** Returns the outcomes of the first tasks of the slice: of all of them, unless a retry stops at the deadline. */
  async #change(
    { action, by, ...retrying }: { action: BulkAction; by: string; retried: Set<string>; deadline: number },
    list: StatusList,
    slice: readonly JobOutline[],
  ): Promise<Outcome[]> {
    const { redis, keyOf } = list.queueRedis;
    const ids = slice.map(({ id }) => id);
    if (action === 'remove') return (await removeTasks(redis, keyOf, ids)).map(outcomeOf);
    if (action !== 'retry') {
      const change = action === 'cancel' ? cancelTasks : runDelayedTasks;
      return (await change(redis, keyOf, ids, by)).map(outcomeOf);
    }
    const outcomes: Outcome[] = [];
    do {
      outcomes.push(...(await this.#retry(list, ids.slice(outcomes.length), by, retrying.retried)));
    } while (outcomes.length < ids.length && performance.now() <= retrying.deadline);
    return outcomes;
  }

  /**
   * Retries the first of the tasks, at least one, and the dead ones that they wait for: those are in `retried` when their
   * turn comes.
   */
  async #retry(
    { queueRedis, lookup }: StatusList,
    ids: readonly string[],
    by: string,
    retried: Set<string>,
  ): Promise<Outcome[]> {
    const dueMs = Math.round(this.#options.clock.now());
    const { children, taken } = await retriedChildren({ queueRedis, lookup }, ids, { dueMs, by });
    const found = await lookup.findAll(ids.slice(0, taken));
    const outcomes: Outcome[] = [];
    const tasks: RetriedTask[] = [];
    for (const task of found) {
      if (task === undefined) outcomes.push('gone');
      else if (task.status !== 'dead') outcomes.push(retried.has(task.job.id) ? 'done' : 'changed');
      else {
        const ready = await retriedTask(task.job, dueMs, by);
        if ('damage' in ready) outcomes.push('unreadable');
        else tasks.push(ready);
      }
    }
    if (tasks.length === 0) return outcomes;
    const asked = new Set(tasks.map(({ id }) => id));
    const isFirst = new Set(children.map(({ id }) => id));
    const inOrder = [...children, ...tasks.filter(({ id }) => !isFirst.has(id))];
    const results = await retryDeadTasks(queueRedis.redis, queueRedis.keyOf, inOrder, asked);
    const outcomeById = new Map(inOrder.map(({ id }, i) => [id, outcomeOf(results[i] ?? 'gone')]));
    for (const [id, outcome] of outcomeById) if (outcome === 'done') retried.add(id);
    return [...outcomes, ...[...asked].map((id) => outcomeById.get(id) ?? 'gone')];
  }
}

/** Of the tasks that were named, those after a place: in the order of the names, or those first that died, or are due, first. */
function pageOfIds(
  { places, lookedAt }: Found<Place>,
  { action, ids }: { readonly action: BulkAction; readonly ids: readonly string[] },
  { after, limit }: { readonly after: Place | undefined; readonly limit: number },
): Found<Place> {
  const rank = new Map(ids.map((id, i) => [id, i]));
  const rankOf = ({ id }: Place) => rank.get(id) ?? -1;
  const isOldestFirst = OLDEST_FIRST[action] !== undefined;
  const compare = (a: Place, b: Place) => (isOldestFirst && a.order - b.order) || rankOf(a) - rankOf(b);
  const rest = places.filter((place) => after === undefined || compare(after, place) < 0).sort(compare);
  const page = rest.slice(0, limit);
  return { places: page, next: page.length < rest.length ? page.at(-1) : undefined, lookedAt };
}

/** These results mean that it is done, or that a worker will do it. */
const DONE: readonly string[] = ['removed', 'queued', 'blocked', 'cancelled', 'asked'];

function outcomeOf(result: RemovalResult | RetryResult | RunNowResult | CancelResult): Outcome {
  if (result === 'gone') return 'gone';
  return DONE.includes(result) ? 'done' : 'changed';
}

/** A slice is full with its last task, which may have a large payload. */
function* slicesOf(outlines: readonly JobOutline[]): Generator<readonly JobOutline[]> {
  let [from, bytes] = [0, 0];
  for (const [i, { dataBytes }] of outlines.entries()) {
    bytes += dataBytes;
    const end = i + 1;
    if (end - from < SLICE_TASKS && bytes < SLICE_BYTES && end < outlines.length) continue;
    yield outlines.slice(from, end);
    [from, bytes] = [end, 0];
  }
}

/** Counts what one call does. */
class Tally {
  matched = 0;
  lookedAt = 0;
  /** The tasks that were queued again so far. */
  readonly retried = new Set<string>();
  readonly #counts: Record<Outcome, number> = { done: 0, gone: 0, changed: 0, unreadable: 0 };

  note(outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) this.#counts[outcome] += 1;
  }

  result(next_cursor: string | null): BulkResult {
    const { done, ...failures } = this.#counts;
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0);
    return { matched: this.matched, done, failed, failures, looked_at: this.lookedAt, next_cursor };
  }
}
