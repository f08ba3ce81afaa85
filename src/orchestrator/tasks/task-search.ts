import type { ListedTask, TaskStatus } from '../../shared/http-contract/tasks.ts';
import { type Found, type Place, readListed } from '../../shared/queue/bullmq-listing.ts';
import { readOutlines } from '../../shared/queue/bullmq-outlines.ts';
import type { QueueRedis } from '../../shared/queue/bullmq-schema.ts';
import { groupOfError } from './error-groups.ts';
import { listedTask, type Pauses } from './task-detail.ts';
import { findPlaces, type WantedPlaces } from './task-places.ts';
import { readPauses } from './type-pauses.ts';

/** Of the tasks of an error group, one step looks at so many. */
const GROUP_STEP = 500;

const NO_PAUSES: Pauses = new Map();

/** Finds places as `findPlaces` does, of the tasks of an error group if one is given. */
export async function findOfGroup(
  queueRedis: QueueRedis,
  wanted: WantedPlaces,
  group: string | undefined,
): Promise<Found<Place>> {
  if (group === undefined) return findPlaces(queueRedis, wanted);
  const { redis, keyOf } = queueRedis;
  const found = await findPlaces(queueRedis, { ...wanted, limit: GROUP_STEP });
  const ids = found.places.map(({ id }) => id);
  const outlines = ids.length > 0 ? await readOutlines(redis, keyOf, ids) : [];
  const places = found.places.filter((_, i) => groupOfError(outlines[i]?.error ?? '') === group);
  if (places.length <= wanted.limit) return { ...found, places };
  const page = places.slice(0, wanted.limit);
  const next = page[wanted.limit - 1] as Place; // there are more places
  return { places: page, next, lookedAt: found.places.indexOf(next) + 1 };
}

/** Reads tasks for a list. Leaves out those that have another status by now. */
export async function readTasks(
  queueRedis: QueueRedis,
  status: TaskStatus,
  places: readonly Pick<Place, 'id'>[],
): Promise<ListedTask[]> {
  const ids = places.map(({ id }) => id);
  if (ids.length === 0) return [];
  const [jobs, pauses] = await Promise.all([
    readListed(queueRedis.redis, queueRedis.keyOf, status, ids),
    status === 'queued' ? readPauses(queueRedis) : NO_PAUSES,
  ]);
  return jobs.flatMap((job) =>
    job === undefined ? [] : [listedTask(job, { status, queue: queueRedis.queue, pauses })],
  );
}
