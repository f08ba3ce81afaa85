import { type Job, type RedisQueueBackend, raw2NextJobData } from 'bullmq';
import type { Redis } from 'ioredis';
import { endAndTake } from '../../shared/queue/bullmq-fast-path.ts';
import type { ReadReply } from './readable-jobs.ts';
import { dueHere } from './redis-time.ts';

type Backend = Pick<RedisQueueBackend, 'moveToCompleted' | 'toKey'>;

/** After an end that was out of the ordinary: its cause may last, as a paused event type does, and the look costs a round trip. */
const REST_MS = 100;

export interface FastPathOptions {
  readonly connection: Redis;
  /** The worker's id. */
  readonly worker: string;
  readonly lockMs: number;
  /** Of the completed jobs: how many, and for how many seconds. */
  readonly keep: { readonly count: number; readonly age: number };
  /** Redis's time. */
  readonly clock: { now(): number };
  readonly read: ReadReply;
}

/** Makes BullMQ's worker store the usual end of a job by the fast path. It still does so itself where that does nothing. */
export function useFastPath(backend: Backend, options: FastPathOptions): void {
  const { connection, worker, lockMs, keep, clock, read } = options;
  let restsUntil = 0;
  const store = backend.moveToCompleted.bind(backend);
  backend.moveToCompleted = async (job, result, remove, token, takesNext) => {
    const { id = '', parentKey, deduplicationId } = job as Partial<Job>; // BullMQ declares less
    const isUsual = remove === undefined && parentKey === undefined && deduplicationId === undefined;
    if (!isUsual || performance.now() < restsUntil) return store(job, result, remove, token, takesNext);
    const finishedOn = Date.now();
    const nowMs = Math.round(clock.now());
    const end = {
      id,
      result: JSON.stringify(result) ?? 'null',
      token,
      nowMs,
      takesNext,
      lockMs,
      worker,
      keep,
    };
    const reply = await endAndTake(connection, backend.toKey(id), end);
    if (reply === undefined) {
      restsUntil = performance.now() + REST_MS;
      return store(job, result, remove, token, takesNext);
    }
    const aheadMs = nowMs - finishedOn;
    const fetched = (await read(dueHere(reply, aheadMs))) as unknown[]; // or 0, which it takes too
    return { result: raw2NextJobData(fetched), finishedOn };
  };
}
