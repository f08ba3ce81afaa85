import { redisUnavailable } from '../../shared/errors.ts';
import type { TaskStatus } from '../../shared/http-contract/tasks.ts';
import {
  type Found,
  type Place,
  readSizes,
  type ScanPosition,
  scanLists,
  walkIndex,
  walkSet,
} from '../../shared/queue/bullmq-listing.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';

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
 * index of the event type for the others. The way with less to look at is taken.
 */

/** One script looks at so many tasks. Redis does nothing else for 1 or 2 ms. */
const STEPS = 1_000;

/** A walk may take so many steps although there is less to sift: most pages are full by then. */
const FIRST_STEPS = 3_000;

/** To sift more than so many places, only the highest are kept. */
const MAX_KEPT = 10_000;

/** A search that has no result so long after its deadline is given up: its caller is gone. */
const GRACE_MS = 1_000;

export interface WantedPlaces {
  readonly status: TaskStatus;
  readonly eventType: string | undefined;
  /** Places after this one; undefined: from the first. */
  readonly after: Place | undefined;
  readonly limit: number;
  /** A walk stops then, by `performance.now()`. */
  readonly deadline: number;
}

/** Returns at most `limit` places in order. `next`: where to go on; undefined when there are no more. */
export async function findPlaces(redis: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  const { limit } = wanted;
  const found = await find(redis, { ...wanted, limit: limit + 1 }); // one more, to know whether there are more
  if (found.places.length <= limit) return found;
  const places = found.places.slice(0, limit);
  return { places, next: places.at(-1) };
}

async function find(queueRedis: QueueRedis, wanted: WantedPlaces): Promise<Found<Place>> {
  const { status, eventType } = wanted;
  const { redis, keyOf } = queueRedis;
  const { listed, indexed } = await readSizes(redis, keyOf, status, eventType);
  if (listed === 0) return { places: [], next: undefined };
  const isInLists = status === 'queued' || status === 'active';
  const toWalk = status === 'queued' ? indexed : status === 'active' ? undefined : listed;
  const toSift = isInLists ? listed : eventType === undefined ? undefined : indexed;
  const sift = () => (isInLists ? siftLists(queueRedis, wanted) : siftIndex(queueRedis, wanted));
  if (toWalk === undefined || (toSift !== undefined && toSift <= STEPS)) return sift();
  const steps = toSift !== undefined && toSift < toWalk ? FIRST_STEPS : Number.POSITIVE_INFINITY;
  return (await walk(queueRedis, wanted, steps)) ?? sift();
}

/** Returns undefined when it has taken all its steps. */
async function walk(
  { redis, keyOf }: QueueRedis,
  wanted: WantedPlaces,
  steps: number,
): Promise<Found<Place> | undefined> {
  const step = wanted.status === 'queued' ? walkIndex : walkSet;
  const places: Place[] = [];
  let { after } = wanted;
  for (let taken = 0; taken < steps; taken += STEPS) {
    const limit = wanted.limit - places.length;
    const found = await step(redis, keyOf, { ...wanted, after, limit, steps: STEPS });
    places.push(...found.places);
    after = found.next;
    if (after === undefined || places.length === wanted.limit) return { places, next: after };
    if (performance.now() > wanted.deadline) return { places, next: after };
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
  do {
    if (performance.now() > deadline + GRACE_MS) throw redisUnavailable();
    const found: Found<Position & {}> = await step(position as Position); // the first may be undefined
    places.push(...found.places.filter((place) => after === undefined || compare(after, place) < 0));
    if (places.length > MAX_KEPT) places = highest(places, limit);
    position = found.next;
  } while (position !== undefined);
  return { places: highest(places, limit), next: undefined };
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
