import type { RedisQueueBackend } from 'bullmq';
import { NEXT_JOB_SCRIPTS, TIMESTAMP_ARGUMENTS } from '../../shared/queue/bullmq-schema.ts';

type Backend = Pick<RedisQueueBackend, 'execCommand' | 'waitForJob'>;

/**
 * BullMQ's worker takes this machine's date for that of the queue. Here its scripts get Redis's time instead, and the due
 * times that they return are turned into this machine's. So tasks are due at one time for all, whatever the machines'
 * dates are.
 */
export function useRedisTime(backend: Backend, clock: { now(): number }): void {
  const aheadMs = () => Math.round(clock.now() - Date.now());
  const toLocal = (timeMs: number) => (timeMs > 0 ? timeMs - aheadMs() : timeMs);

  const execute = backend.execCommand.bind(backend);
  backend.execCommand = (client, name, args) => {
    const index = TIMESTAMP_ARGUMENTS[name];
    if (index === undefined) return execute(client, name, args);
    const reply: unknown = execute(client, name, args.with(index, Number(args[index]) + aheadMs()));
    return NEXT_JOB_SCRIPTS.has(name)
      ? Promise.resolve(reply).then((fetched) => dueHere(fetched, aheadMs()))
      : reply;
  };

  const wait = backend.waitForJob.bind(backend);
  backend.waitForJob = async (limitSeconds) => {
    const marker = await wait(limitSeconds);
    // A damaged score may be infinite or no number: the worker looks for a job then.
    return marker && { ...marker, score: Number.isFinite(marker.score) ? toLocal(marker.score) : 0 };
  };
}

/** The reply is `[job, id, wait for the rate limit, due time of the next delayed job]`, or a number. `aheadMs`: of this machine's date. */
export function dueHere(reply: unknown, aheadMs: number): unknown {
  if (!Array.isArray(reply) || !(reply[3] > 0)) return reply;
  return reply.with(3, Number(reply[3]) - aheadMs);
}
