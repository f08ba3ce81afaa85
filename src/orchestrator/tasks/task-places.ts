import { redisUnavailable } from '../../shared/errors.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import { findChildren } from '../../shared/queue/bullmq-children.ts';
import type { JobFilter } from '../../shared/queue/bullmq-filter.ts';
import {
  type Found,
  hasEnded,
  type Place,
  readSizes,
  type ScanPosition,
  scanLists,
  type WalkOptions,
  walkIndex,
} from '../../shared/queue/bullmq-listing.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { type SortedStatus, walkOldest, walkSet } from '../../shared/queue/bullmq-sorted-walk.ts';

/*
 * Finds the next tasks of a listing. They are ordered, from the highest, by
 *   queued            the time of the submission
 *   active            the start of the last attempt
 *   delayed           the due time
 *   dead, completed   the end
 *
 * There are two ways. A walk follows an order that Redis has: that of our index for queued tasks, that of BullMQ's sorted
 * sets for delayed and ended ones. It ends as soon as the page is full. Where few tasks match, it passes very many. To
 * sift is to look through all tasks that may match, and to sort: the lists of the status for queued and active tasks, the
 * index of the event type for the others. The way with less to look at is taken. Tasks that ended within a time are
 * together in their set: a walk passes no others. The children of a task are read from that task.
 */

/** One script looks at so many tasks. Redis does nothing else for 1 or 2 ms. */
const STEPS = 1_000;

/** A walk may take so many steps although there is less to sift: most pages are full by then. */
const FIRST_STEPS = 3_000;

/** In a search few tasks match. It sifts only when there are no more than this, since a walk can stop at the deadline. */
const MOST_SIFTED_IN_SEARCH = 20_000;

/** To sift more than so many places, only the highest are kept. */
const MAX_KEPT = 10_000;

/** A search that has no result so long after its deadline is given up: its caller is gone. */
const GRACE_MS = 1_000;

export interface WantedPlaces extends JobFilter {
  readonly status: TaskStatus;
  /** Places after this one; undefined: from the first. */
  readonly after: Place | undefined;
  readonly limit: number;
  /** A walk stops then, by `performance.now()`. */
  readonly deadline: number;
}

/** Returns at most `limit` places in order. `next`: where to go on; undefined when there are no more. */
export async function findPlaces(redis: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  const { limit, parentId, after } = wanted;
  if (parentId !== undefined) {
    const isNext = (place: Place) => after === undefined || compare(after, place) < 0;
    return findOfParent(redis, { ...wanted, parentId }, { isNext, order: compare });
  }
  const found = await find(redis, { ...wanted, limit: limit + 1 }); // one more, to know whether there are more
  if (found.places.length <= limit) return found;
  const places = found.places.slice(0, limit);
  return { places, next: places.at(-1), lookedAt: found.lookedAt - 1 };
}

async function find(queueRedis: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  const { status, eventType } = wanted;
  const { redis, keyOf } = queueRedis;
  if (looksForEnd(wanted)) return hasEnded(status) ? walkToEnd(queueRedis, wanted) : NOTHING;
  const { listed, indexed } = await readSizes(redis, keyOf, status, eventType);
  if (listed === 0) return NOTHING;
  const isInLists = status === 'queued' || status === 'active';
  const toWalk = status === 'queued' ? indexed : status === 'active' ? undefined : listed;
  const toSift = isInLists ? listed : eventType === undefined ? undefined : indexed;
  const sift = () => (isInLists ? siftLists(queueRedis, wanted) : siftIndex(queueRedis, wanted));
  if (toWalk === undefined || (toSift !== undefined && toSift <= STEPS)) return sift();
  const mostSifted = isSearch(wanted) ? Math.min(toWalk, MOST_SIFTED_IN_SEARCH) : toWalk;
  const steps = toSift !== undefined && toSift < mostSifted ? FIRST_STEPS : Number.POSITIVE_INFINITY;
  return (await walk(queueRedis, wanted, steps)) ?? sift();
}

const NOTHING: Found<Place> = { places: [], next: undefined, lookedAt: 0 };

function looksForEnd({ endedAfterMs, endedBeforeMs }: JobFilter): boolean {
  return endedAfterMs !== undefined || endedBeforeMs !== undefined;
}

/** Whether it looks for more than an event type. */
export function isSearch({ idPrefix, errorContains, createdAfterMs, createdBeforeMs }: JobFilter): boolean {
  return [idPrefix, errorContains, createdAfterMs, createdBeforeMs].some((part) => part !== undefined);
}

/** Walks until the page is full, the set has no more, or the deadline is over. */
async function walkToEnd(queueRedis: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  return (await walk(queueRedis, wanted, Number.POSITIVE_INFINITY)) ?? NOTHING;
}

/** Returns tasks up to the score `until`, those first that died, or are due, first. */
export async function findOldest(
  queueRedis: QueueRedis,
  wanted: WantedPlaces & { readonly status: SortedStatus; readonly until: number },
): Promise<Found<Place>> {
  const { parentId, after, until } = wanted;
  if (parentId !== undefined) {
    const isNext = (place: Place) =>
      place.order <= until && (after === undefined || compare(after, place) > 0);
    return findOfParent(queueRedis, { ...wanted, parentId }, { isNext, order: (a, b) => compare(b, a) });
  }
  if (looksForEnd(wanted) && !hasEnded(wanted.status)) return NOTHING;
  const found = await walkOn(wanted, Number.POSITIVE_INFINITY, (step) =>
    walkOldest(queueRedis.redis, queueRedis.keyOf, { ...step, status: wanted.status, until }),
  );
  return found ?? NOTHING;
}

/** All children of a task are looked at each time: there are few. */
async function findOfParent(
  { redis, keyOf }: QueueRedis,
  wanted: WantedPlaces & { readonly parentId: string },
  { isNext, order }: { isNext: (place: Place) => boolean; order: (a: Place, b: Place) => number },
): Promise<Found<Place>> {
  const found = await findChildren(redis, keyOf, wanted);
  const rest = found.places.filter(isNext).sort(order);
  const places = rest.slice(0, wanted.limit);
  return { places, next: places.length < rest.length ? places.at(-1) : undefined, lookedAt: found.lookedAt };
}

/** Returns undefined when it has taken all its steps. */
function walk(
  { redis, keyOf }: QueueRedis,
  wanted: WantedPlaces,
  steps: number,
): Promise<Found<Place> | undefined> {
  const step = wanted.status === 'queued' ? walkIndex : walkSet;
  return walkOn(wanted, steps, (options) => step(redis, keyOf, options));
}

async function walkOn(
  wanted: WantedPlaces,
  steps: number,
  step: (options: WalkOptions) => Promise<Found<Place>>,
): Promise<Found<Place> | undefined> {
  const places: Place[] = [];
  let { after } = wanted;
  let lookedAt = 0;
  for (let taken = 0; taken < steps; taken += STEPS) {
    const limit = wanted.limit - places.length;
    const found = await step({ ...wanted, after, limit, steps: STEPS });
    places.push(...found.places);
    lookedAt += found.lookedAt;
    after = found.next;
    const isOver = places.length === wanted.limit || performance.now() > wanted.deadline;
    if (after === undefined || isOver) return { places, next: after, lookedAt };
  }
  return undefined;
}

function siftLists({ redis, keyOf }: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  const options = { ...wanted, steps: STEPS };
  return siftAll<ScanPosition>(wanted, { list: 0, from: '0' }, (at) => scanLists(redis, keyOf, options, at));
}

function siftIndex({ redis, keyOf }: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  const options = { ...wanted, limit: STEPS, steps: STEPS };
  return siftAll<Place | undefined>(wanted, undefined, (after) =>
    walkIndex(redis, keyOf, { ...options, after }),
  );
}

async function siftAll<Position>(
  { after, limit, deadline }: WantedPlaces,
  first: Position,
  step: (position: Position) => Promise<Found<Position & {}>>,
): Promise<Found<Place>> {
  let places: Place[] = [];
  let position: Position | undefined = first;
  let lookedAt = 0;
  do {
    if (performance.now() > deadline + GRACE_MS) throw redisUnavailable();
    const found: Found<Position & {}> = await step(position as Position); // the first may be undefined
    places.push(...found.places.filter((place) => after === undefined || compare(after, place) < 0));
    if (places.length > MAX_KEPT) places = highest(places, limit);
    lookedAt += found.lookedAt;
    position = found.next;
  } while (position !== undefined);
  return { places: highest(places, limit), next: undefined, lookedAt };
}

/** The first places in order, each once. */
function highest(places: Place[], limit: number): Place[] {
  const sorted = places.sort(compare);
  return sorted.filter(({ id }, i) => id !== sorted[i - 1]?.id).slice(0, limit);
}

/** Negative when `a` comes first. */
function compare(a: Place, b: Place): number {
  return b.order - a.order || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);
}
